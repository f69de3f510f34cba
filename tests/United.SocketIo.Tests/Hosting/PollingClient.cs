using System.Net;
using System.Text;
using System.Text.Json;

namespace United.SocketIo.Tests.Hosting;

/// <summary>A client that polls, one request at a time or as many as a test wants.</summary>
internal sealed class PollingClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false }) { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string _base;

    public PollingClient(SocketIoHost host, string path = "/engine.io/") => _base = host.Url + path;

    public string Sid { get; private set; } = "";

    public JsonElement Handshake { get; private set; }

    public static async Task<PollingClient> Open(SocketIoHost host, string path = "/engine.io/")
    {
        var client = new PollingClient(host, path);
        var (status, body) = await client.Send(HttpMethod.Get, "?EIO=4&transport=polling");
        Assert.Equal(HttpStatusCode.OK, status);
        client.Handshake = JsonDocument.Parse(body[1..].Split('\x1e')[0]).RootElement;
        client.Sid = client.Handshake.GetProperty("sid").GetString()!;
        return client;
    }

    /// <summary>Joined to the main namespace, both handshakes read.</summary>
    public static async Task<PollingClient> Join(SocketIoHost host)
    {
        var client = await Open(host, "/socket.io/");
        await client.Push("40");
        Assert.StartsWith("40{", (await client.Poll()).Body);
        return client;
    }

    public string Query => $"?EIO=4&transport=polling&sid={Sid}";

    public Task<(HttpStatusCode Status, string Body)> Poll(CancellationToken ct = default) => Send(HttpMethod.Get, Query, null, ct);

    public Task<(HttpStatusCode Status, string Body)> Push(string body) => Send(HttpMethod.Post, Query, new StringContent(body, Encoding.UTF8, "text/plain"));

    public Task<(HttpStatusCode Status, string Body)> Push(byte[] body, string type = "text/plain")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(type);
        return Send(HttpMethod.Post, Query, content);
    }

    public async Task<(HttpStatusCode Status, string Body)> Send(HttpMethod method, string query, HttpContent? content = null, CancellationToken ct = default)
    {
        using var response = await Raw(method, query, content, ct: ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(ct));
    }

    public async Task<HttpResponseMessage> Raw(HttpMethod method, string query, HttpContent? content = null, (string Name, string Value)[]? headers = null, CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(method, _base + query) { Content = content };
        foreach (var (name, value) in headers ?? []) request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, ct);
    }

    public void Dispose() => _http.Dispose();
}
