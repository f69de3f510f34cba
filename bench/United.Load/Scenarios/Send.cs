using System.Diagnostics;
using System.Globalization;
using United.Wire.Ws;

namespace United.Load.Scenarios;

/// <summary>Posts over sockets, a fixed number of them under way, each until it is acknowledged.</summary>
internal sealed class Send(LoadOptions options, Community community)
{
    private readonly Latencies _latencies = new();
    private long _refused;
    private long _until;

    public async Task<Report> Run(CancellationToken ct)
    {
        var sockets = await Sockets.Open(options, community, Hear, ct);
        var (server, self, startedAt) = (Usage.Of(options.Pid), Usage.OfSelf(), Stopwatch.GetTimestamp());
        _until = startedAt + (options.Seconds * Stopwatch.Frequency);
        for (var i = 0; i < options.InFlight; i++) await Post(sockets[i % sockets.Length]);
        await Task.Delay(options.Duration, ct);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var report = new Report($"send: {options.InFlight} in flight over {options.Sockets} sockets, {options.Channels} channels");
        report.Add("acknowledged", $"{_latencies.Count} ({_latencies.Count / seconds:0}/s), refused {Interlocked.Read(ref _refused)}");
        report.Add("send to acknowledgement", _latencies);
        report.Add("load program", self);
        report.Add("server", server);
        Sockets.Close(sockets);
        return report;
    }

    private ValueTask Post(LoadSocket socket)
    {
        var now = Stopwatch.GetTimestamp();
        if (now >= Volatile.Read(ref _until)) return ValueTask.CompletedTask;
        return socket.Send(new Envelope
        {
            RequestId = now.ToString(CultureInfo.InvariantCulture),
            SendMessage = new SendMessage { ChannelId = community.ChannelOf(socket.Number), Content = new string('x', options.Characters) },
        });
    }

    private void Hear(LoadSocket socket, ReadOnlySpan<byte> message)
    {
        // Pushes carry no request_id, and field 1 comes first in an envelope that has it.
        if (message.IsEmpty || message[0] != 0x0A) return;
        var answer = Envelope.Parser.ParseFrom(message);
        if (answer.PayloadCase == Envelope.PayloadOneofCase.SendMessageResult)
            _latencies.Add(long.Parse(answer.RequestId, CultureInfo.InvariantCulture), Stopwatch.GetTimestamp());
        else if (Interlocked.Increment(ref _refused) > 10_000)
            return;
        _ = Again(socket);
    }

    private async Task Again(LoadSocket socket)
    {
        try
        {
            await Post(socket);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The run has ended, or the server has.
        }
    }
}
