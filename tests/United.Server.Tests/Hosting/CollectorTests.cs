using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class CollectorTests
{
    [Fact]
    public async Task Metrics_and_traces_reach_the_collector_that_is_set()
    {
        var heard = new ConcurrentDictionary<string, byte[]>();
        await using var collector = await Collector(heard);
        await using (var server = await TestServer.Start(Engine.Sqlite, settings: ("Otlp:Endpoint", collector.Urls.First())))
        {
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/server", TestContext.Current.CancellationToken)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/socket.io/?EIO=4&transport=polling", TestContext.Current.CancellationToken)).StatusCode);
        }

        // A server that stops sends what it has.
        Assert.Equal(
            ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"],
            heard.Keys.Order(StringComparer.Ordinal));
        Assert.All(heard.Values, bytes => Assert.True(bytes.Length >= 100));
        var metrics = Encoding.UTF8.GetString(heard["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"]);
        Assert.All(["United.SocketIo", "Microsoft.AspNetCore.Hosting"], meter => Assert.Matches($@"\P{{L}}{meter}(?![.\w])", metrics));
    }

    /// <summary>As much of gRPC as an exporter needs: every call is taken and answered with nothing.</summary>
    private static async Task<WebApplication> Collector(ConcurrentDictionary<string, byte[]> heard)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            heard.AddOrUpdate(context.Request.Path, body.ToArray(), (_, before) => [.. before, .. body.ToArray()]);
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]); // a message of no bytes
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await app.StartAsync();
        return app;
    }
}
