using System.Diagnostics;
using System.Globalization;

namespace United.SocketIo.Bench;

/// <summary>A server in a process of its own: ours, or the original.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    private Peer(string name, Process process)
    {
        (Name, _process) = (name, process);
        Port = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public string Name { get; }

    public int Port { get; }

    public static Peer Net() => Start("United", Environment.ProcessPath!, Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(Peer).Assembly.Location, "serve"] : ["serve"]);

    public static Peer Node() => Start("Node", "node", [Path.Combine(Machine.Repository(), "bench", "peers", "node-socketio", "server.mjs")]);

    /// <summary>Resident memory, in KiB.</summary>
    public int Resident() => Machine.Resident(_process.Id);

    /// <summary>Processor time used so far. Unlike throughput it hardly depends on what else the machine does.</summary>
    public TimeSpan Used()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Peer Start(string name, string program, string[] args) =>
        new(name, Process.Start(new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
}
