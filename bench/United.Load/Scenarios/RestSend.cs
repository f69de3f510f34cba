using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace United.Load.Scenarios;

/// <summary>Posts over REST, a fixed number of callers who each wait for their answer.</summary>
internal sealed class RestSend(LoadOptions options, Community community)
{
    private readonly Latencies _latencies = new();
    private long _refused;

    public async Task<Report> Run(CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = options.InFlight }) { BaseAddress = options.Url };
        var (server, self, startedAt) = (Usage.Of(options.Pid), Usage.OfSelf(), Stopwatch.GetTimestamp());
        var until = startedAt + (options.Seconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, options.InFlight).Select(caller => Call(http, caller, until, ct)));
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var report = new Report($"rest: {options.InFlight} callers, {options.Channels} channels");
        report.Add("acknowledged", $"{_latencies.Count} ({_latencies.Count / seconds:0}/s), refused {_refused}");
        report.Add("request to answer", _latencies);
        report.Add("load program", self);
        report.Add("server", server);
        return report;
    }

    private async Task Call(HttpClient http, int caller, long until, CancellationToken ct)
    {
        var address = new Uri($"/api/channels/{community.ChannelOf(caller)}/messages", UriKind.Relative);
        var body = new Dictionary<string, string> { ["content"] = new('x', options.Characters) };
        for (var sentAt = Stopwatch.GetTimestamp(); sentAt < until; sentAt = Stopwatch.GetTimestamp())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", community.PlayerOf(caller).Token);
            using var answer = await http.SendAsync(request, ct);
            if (answer.IsSuccessStatusCode) _latencies.Add(sentAt, Stopwatch.GetTimestamp());
            else Interlocked.Increment(ref _refused);
        }
    }
}
