using System.Diagnostics;
using System.Globalization;

namespace United.Load;

/// <summary>CPU time and memory of a process of this machine, from what the kernel counts.</summary>
internal sealed class Usage(Process process)
{
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly TimeSpan _cpuBefore = process.TotalProcessorTime;

    public static Usage OfSelf() => new(Process.GetCurrentProcess());

    public static Usage? Of(int? pid) => pid is { } id ? new Usage(Process.GetProcessById(id)) : null;

    public double ResidentMiB
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1048576.0;
        }
    }

    /// <returns>Cores in use on average since this was made.</returns>
    public double Cores
    {
        get
        {
            process.Refresh();
            return (process.TotalProcessorTime - _cpuBefore) / Stopwatch.GetElapsedTime(_startedAt);
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cores:0.00} cores, {ResidentMiB:0} MiB");
}
