using System.Diagnostics.Metrics;

namespace United.Core.Messages;

/// <summary>What an operator watches of the log: whether batches grow, whether commits slow down, whether callers are sent away.</summary>
internal static class MessageLogMeter
{
    private static readonly Meter Meter = new(CoreMeter.Name);

    public static readonly Histogram<int> Batch = Meter.CreateHistogram<int>("united.log.batch", description: "Changes in one commit");

    public static readonly Histogram<double> Commit = Meter.CreateHistogram<double>("united.log.commit", "s", "Time of one commit, tries and pauses included");

    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("united.log.refused", description: "Changes refused because the queue was full or the database away");
}
