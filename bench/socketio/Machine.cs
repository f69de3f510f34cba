using System.Globalization;

namespace United.SocketIo.Bench;

/// <summary>What a benchmark asks of the machine that it runs on.</summary>
internal static class Machine
{
    /// <summary>Resident memory of a process, in KiB.</summary>
    public static int Resident(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>For how long its processors have not been idle since it started, together.</summary>
    public static TimeSpan BusyTime()
    {
        // cpu, user, nice, system, idle, iowait, irq, softirq, ... in hundredths of a second.
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..8].Select(time => long.Parse(time, CultureInfo.InvariantCulture)).ToArray();
        return TimeSpan.FromMilliseconds(10 * (times.Sum() - times[3] - times[4]));
    }

    /// <summary>The top directory of the repository.</summary>
    public static string Repository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "United.slnx"))) at = at.Parent!;
        return at.FullName;
    }
}
