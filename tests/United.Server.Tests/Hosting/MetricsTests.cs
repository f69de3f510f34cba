using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed partial class MetricsTests
{
    private const string Route = "http_route=\"/api/channels/{id:id}/messages";

    [Fact]
    public async Task Metrics_are_prometheus_text_of_ours_the_servers_and_the_runtimes()
    {
        await using var scene = await WireScene.On();
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(WireKind.Rest, scene.Owner);
        await driver.Post(channel, "counted");

        var answer = await scene.Server.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // A request is measured when it has ended, which its answer may outrun.
        while (!text.Contains(Route, StringComparison.Ordinal)) text = await scene.Server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(Line(), line));
        // Other servers of this process are counted too: each has instruments of its own.
        Assert.Contains(ValuesOf(text, "united_events_total{kind=\"MessagePosted\"}"), value => value >= 1);
        Assert.Contains(0, ValuesOf(text, "united_log_waiting"));
        Assert.Contains(Route, text, StringComparison.Ordinal);
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_memory_working_set_bytes ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("counted", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_elsewhere_they_are_for_administrators()
    {
        await using var scene = await WireScene.On();
        var member = await scene.Join("bob");

        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("nonsense"));
        Assert.Equal(HttpStatusCode.Forbidden, await Ask(member.AccessToken));
        Assert.Equal(HttpStatusCode.OK, await Ask(scene.Owner.AccessToken));

        async Task<HttpStatusCode> Ask(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "X-Forwarded-For", "203.0.113.7" } } };
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return (await scene.Server.Client.SendAsync(request)).StatusCode;
        }
    }

    private static List<double> ValuesOf(string text, string series) =>
    [
        .. text.Split('\n').Where(line => line.StartsWith(series + " ", StringComparison.Ordinal))
            .Select(line => double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture)),
    ];

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{[a-z_0-9]+="([^"\\]|\\.)*"(,[a-z_0-9]+="([^"\\]|\\.)*")*\})? -?[0-9.E+-]+)$""")]
    private static partial Regex Line();
}
