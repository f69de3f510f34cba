using System.Diagnostics;
using United.Wire.Ws;

namespace United.Load.Scenarios;

/// <summary>All sockets are cut at once and come back at once, each with a sync: how long until everybody is served again.</summary>
internal sealed class Storm(LoadOptions options, Community community)
{
    private readonly Latencies _toSync = new();
    private readonly TaskCompletionSource _allSynced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long[] _startedAt = new long[options.Sockets];
    private int _missing = options.Sockets;
    private long _refused;

    public async Task<Report> Run(CancellationToken ct)
    {
        Sockets.Close(await Sockets.Open(options, community, static (_, _) => { }, ct));
        var (server, self, startedAt) = (Usage.Of(options.Pid), Usage.OfSelf(), Stopwatch.GetTimestamp());
        var sockets = await Task.WhenAll(Enumerable.Range(0, options.Sockets).Select(i => ComeBack(i, ct)));
        await Task.WhenAny(_allSynced.Task, Task.Delay(options.Duration, ct));
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var report = new Report($"storm: {options.Sockets} sockets come back at once");
        report.Add("all served again in", $"{elapsed.TotalSeconds:0.00} s, {Volatile.Read(ref _missing)} missing, refused {Interlocked.Read(ref _refused)}");
        report.Add("opening to sync answer", _toSync);
        report.Add("load program", self);
        report.Add("server", server);
        Sockets.Close(sockets.OfType<LoadSocket>());
        return report;
    }

    private async Task<LoadSocket?> ComeBack(int number, CancellationToken ct)
    {
        _startedAt[number] = Stopwatch.GetTimestamp();
        try
        {
            var socket = await LoadSocket.Open(number, options.Url, community.PlayerOf(number).Token, Hear, ct);
            await socket.Send(new Envelope { RequestId = "sync", SyncRequest = new SyncRequest() });
            return socket;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            Interlocked.Increment(ref _refused);
            return null;
        }
    }

    private void Hear(LoadSocket socket, ReadOnlySpan<byte> message)
    {
        var answer = Envelope.Parser.ParseFrom(message);
        if (answer.PayloadCase == Envelope.PayloadOneofCase.Error) Interlocked.Increment(ref _refused);
        if (answer.PayloadCase != Envelope.PayloadOneofCase.SyncResponse) return;
        _toSync.Add(_startedAt[socket.Number], Stopwatch.GetTimestamp());
        if (Interlocked.Decrement(ref _missing) == 0) _allSynced.TrySetResult();
    }
}
