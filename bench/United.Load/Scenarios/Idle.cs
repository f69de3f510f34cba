using System.Diagnostics;

namespace United.Load.Scenarios;

/// <summary>Many sockets that say nothing: what each costs the server in memory, and all of them in CPU time.</summary>
internal sealed class Idle(LoadOptions options, Community community)
{
    public async Task<Report> Run(CancellationToken ct)
    {
        var before = Usage.Of(options.Pid)?.ResidentMiB;
        var startedAt = Stopwatch.GetTimestamp();
        var sockets = await Sockets.Open(options, community, static (_, _) => { }, ct);
        var opening = Stopwatch.GetElapsedTime(startedAt);
        var (server, self) = (Usage.Of(options.Pid), Usage.OfSelf());
        await Task.Delay(options.Duration, ct);
        var report = new Report($"idle: {options.Sockets} sockets for {options.Seconds} s");
        report.Add("opened in", $"{opening.TotalSeconds:0.00} s ({options.Sockets / opening.TotalSeconds:0}/s)");
        report.Add("ended by the server", $"{sockets.Count(socket => socket.Ended.IsCompleted)}");
        if (server is not null && before is not null)
            report.Add("memory per socket", $"{(server.ResidentMiB - before.Value) * 1024 / options.Sockets:0.0} KiB");
        report.Add("load program", self);
        report.Add("server", server);
        Sockets.Close(sockets);
        return report;
    }
}
