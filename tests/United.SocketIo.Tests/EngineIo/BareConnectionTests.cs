using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using United.SocketIo.Tests.Hosting;
using United.WebSockets;

namespace United.SocketIo.Tests.EngineIo;

/// <summary>WebSockets that go on without the HTTP server that let them in. All other tests run on such, too.</summary>
public sealed class BareConnectionTests
{
    private const string Upgrade =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    private static readonly X509Certificate2 Certificate = SelfSigned();

    [Fact]
    public async Task The_request_is_forgotten_when_the_handshake_is_over()
    {
        WeakReference? request = null;
        await using var host = await SocketIoHost.Start(options => options.AllowRequest = http =>
        {
            request = new WeakReference(http.Features);
            return ValueTask.FromResult<string?>(null);
        });

        using var socket = await RawWebSocket.Join(host);

        await Eventually.Holds(() =>
        {
            GC.Collect();
            return !request!.IsAlive;
        });
        await socket.SendText("2");
        GC.KeepAlive(host);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_comes_right_behind_the_handshake_is_heard(bool bare)
    {
        await using var host = await SocketIoHost.Start(endpoint: endpoint => Configure(endpoint, bare));

        Assert.StartsWith("40{\"sid\":", await Greeting(await Open(host), [.. Encoding.ASCII.GetBytes(Upgrade), .. RawWebSocket.Frame(0x81, "40"u8.ToArray())]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_may_have_served_other_requests_before()
    {
        await using var host = await SocketIoHost.Start();
        var stream = await Open(host);
        await stream.WriteAsync("GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 404", await Until(stream, "Content-Length: 0"), StringComparison.Ordinal);

        Assert.StartsWith("40{\"sid\":", await Greeting(stream, [.. Encoding.ASCII.GetBytes(Upgrade), .. RawWebSocket.Frame(0x81, "40"u8.ToArray())]), StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task It_works_over_tls_whatever_the_order(bool encryptedFirst)
    {
        await using var host = await SocketIoHost.Start(endpoint: endpoint =>
        {
            if (encryptedFirst) endpoint.UseHttps(Certificate);
            endpoint.UseBareWebSockets();
            if (!encryptedFirst) endpoint.UseHttps(Certificate);
        });
        await using var tls = new SslStream(await Open(host), leaveInnerStreamOpen: false, (_, shown, _, _) => shown!.Equals(Certificate));
        await tls.AuthenticateAsClientAsync("localhost");

        Assert.StartsWith("40{\"sid\":", await Greeting(tls, [.. Encoding.ASCII.GetBytes(Upgrade), .. RawWebSocket.Frame(0x81, "40"u8.ToArray())]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_upgrade_is_answered()
    {
        await using var host = await SocketIoHost.Start(endpoint: endpoint =>
        {
            endpoint.KestrelServerOptions.Limits.MaxConcurrentUpgradedConnections = 0;
            endpoint.UseBareWebSockets();
        });
        var stream = await Open(host);

        await stream.WriteAsync(Encoding.ASCII.GetBytes(Upgrade), TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 500", await Until(stream, "Content-Length: 0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_network_does_not_take_at_once_follows_and_keeps_its_place()
    {
        await using var host = await SocketIoHost.Start(options => options.MaxQueuedBytes = 64 * 1024 * 1024);
        using var socket = await RawWebSocket.Join(host);
        var large = RandomNumberGenerator.GetBytes(32 * 1024 * 1024);

        host.Io.Emit("large", large);
        host.Io.Emit("small");

        Assert.StartsWith("451-[\"large\"", await socket.ReadText(), StringComparison.Ordinal);
        Assert.Equal(large, (await socket.ReadFrame())!.Value.Payload);
        Assert.Equal("42[\"small\"]", await socket.ReadText());
    }

    [Fact]
    public async Task What_the_server_closes_is_closed()
    {
        await using var host = await SocketIoHost.Start();
        using var socket = await RawWebSocket.Join(host);

        host.Io.DisconnectSockets(close: true);

        while (await socket.ReadFrame() is not null)
        {
        }
        await Eventually.Holds(() => host.Io.Engine.Count == 0);
    }

    private static void Configure(ListenOptions endpoint, bool bare)
    {
        if (bare) endpoint.UseBareWebSockets();
    }

    private static async Task<NetworkStream> Open(SocketIoHost host)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", host.Port);
        return tcp.GetStream();
    }

    // From the packet by which the main namespace welcomes.
    private static async Task<string> Greeting(Stream stream, byte[] request)
    {
        await stream.WriteAsync(request, TestContext.Current.CancellationToken);
        var text = await Until(stream, "40{\"sid\":");
        return text[text.IndexOf("40{", StringComparison.Ordinal)..];
    }

    private static async Task<string> Until(Stream stream, string word)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (!text.ToString().Contains(word, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
            if (count == 0) throw new IOException("It ended: " + text);
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
