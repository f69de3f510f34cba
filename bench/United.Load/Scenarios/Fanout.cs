using System.Diagnostics;
using United.Wire.Ws;

namespace United.Load.Scenarios;

/// <summary>
/// All sockets hear one channel. Without a rate, a fixed number of posts is under way, each until its last receiver has it; with
/// one, posts leave on time, and a server that lags shows it in the latencies.
/// </summary>
internal sealed class Fanout(LoadOptions options, Community community)
{
    private readonly Latencies _toEach = new();
    private readonly Latencies _toLast = new();
    private readonly int[] _missing = new int[1 << 20];
    private readonly SemaphoreSlim _inFlight = new(options.InFlight);
    private long _refused;

    public async Task<Report> Run(CancellationToken ct)
    {
        var sockets = await Sockets.Open(options, community, Hear, ct);
        var (server, self, startedAt) = (Usage.Of(options.Pid), Usage.OfSelf(), Stopwatch.GetTimestamp());
        var posts = options.Rate > 0 ? await PostOnTime(sockets, ct) : await PostInFlight(sockets, ct);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var report = new Report($"fanout: {options.Sockets} sockets, one channel");
        report.Add("posts", $"{posts} ({posts / seconds:0}/s), refused {Interlocked.Read(ref _refused)}");
        report.Add("deliveries", $"{_toEach.Count} ({_toEach.Count / seconds:0}/s)");
        report.Add("send to each receiver", _toEach);
        report.Add("send to last receiver", _toLast);
        report.Add("load program", self);
        report.Add("server", server);
        Sockets.Close(sockets);
        return report;
    }

    private async Task<int> PostInFlight(LoadSocket[] sockets, CancellationToken ct)
    {
        var until = Stopwatch.GetTimestamp() + (options.Seconds * Stopwatch.Frequency);
        var posts = 0;
        for (; Stopwatch.GetTimestamp() < until; posts++)
        {
            await _inFlight.WaitAsync(ct);
            await Post(sockets, posts);
        }
        return posts;
    }

    private async Task<int> PostOnTime(LoadSocket[] sockets, CancellationToken ct)
    {
        var total = options.Rate * options.Seconds;
        var startedAt = Stopwatch.GetTimestamp();
        for (var post = 0; post < total; post++)
        {
            var early = TimeSpan.FromSeconds(post / (double)options.Rate) - Stopwatch.GetElapsedTime(startedAt);
            if (early > TimeSpan.FromMilliseconds(1)) await Task.Delay(early, ct);
            await Post(sockets, post);
        }
        return total;
    }

    private ValueTask Post(LoadSocket[] sockets, int post)
    {
        // Neighbouring numbers belong to different accounts, so that no account meets its own limit first.
        var sender = sockets[post % sockets.Length];
        Volatile.Write(ref _missing[post % _missing.Length], sockets.Length);
        var content = Stamp.Write(post, Stopwatch.GetTimestamp(), options.Characters);
        return sender.Send(new Envelope { RequestId = "p", SendMessage = new SendMessage { ChannelId = community.Channels[0], Content = content } });
    }

    private void Hear(LoadSocket socket, ReadOnlySpan<byte> message)
    {
        if (!Stamp.TryRead(message, out var post, out var startedAt))
        {
            if (Envelope.Parser.ParseFrom(message).PayloadCase == Envelope.PayloadOneofCase.Error) Refused();
            return;
        }
        var now = Stopwatch.GetTimestamp();
        _toEach.Add(startedAt, now);
        if (Interlocked.Decrement(ref _missing[post % _missing.Length]) > 0) return;
        _toLast.Add(startedAt, now);
        _inFlight.Release();
    }

    private void Refused()
    {
        Interlocked.Increment(ref _refused);
        _inFlight.Release();
    }
}
