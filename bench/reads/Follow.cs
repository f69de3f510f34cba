using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.ReadsBench;

/// <summary>Sends a second of 64 callers who wait for each acknowledgement, with the follower beside and without, in turn.</summary>
internal static class Follow
{
    private const int Rounds = 5;
    private const int Callers = 64;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static async Task Compare(Database database, Channel channel, SearchFollower follower)
    {
        var (alone, followed) = (new List<double>(), new List<double>());
        await Rate(database, channel, follower: null);
        for (var i = 0; i < Rounds; i++)
        {
            alone.Add(await Rate(database, channel, follower: null));
            using var stop = new CancellationTokenSource();
            var following = Task.Run(() => follower.Run(stop.Token));
            followed.Add(await Rate(database, channel, follower));
            await stop.CancelAsync();
            await following;
        }
        var (without, with) = (Median(alone), Median(followed));
        Console.WriteLine($"  sends, 64 callers: alone {without:N0}/s, with the follower {with:N0}/s: {with / without:P0}, goal 90 %: {(with >= 0.9 * without ? "reached" : "MISSED")}");
    }

    private static async Task<double> Rate(Database database, Channel channel, SearchFollower? follower)
    {
        var bus = new LocalBus();
        bus.Connect(new NodeReceiver(events => follower?.Hear(events), static _ => { }, static _ => ValueTask.CompletedTask));
        await using var log = new MessageLog(database, bus, new RateLimits(new LimitsOptions { MessagesPerSecond = 1_000_000, MessageBurst = 1_000_000 }, TimeProvider.System), new string('0', 64), TimeProvider.System, new MessageLogOptions(), NullLogger<MessageLog>.Instance);
        var started = TimeProvider.System.GetTimestamp();
        var sent = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; TimeProvider.System.GetElapsedTime(started) < Round; count++) await log.Post(channel.Reader, new PostMessage(channel.Id, Contents[count % Contents.Length]));
            return count;
        })));
        return sent.Sum() / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static readonly string[] Contents = [.. Enumerable.Range(0, 1_000).Select(_ => Texts.Next())];

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);
}
