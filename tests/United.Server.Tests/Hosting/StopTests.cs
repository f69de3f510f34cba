using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class StopTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("united-stop-").FullName;

    [Fact]
    public async Task While_it_waits_for_the_balancer_it_serves_but_is_not_ready()
    {
        var time = new ManualTime();
        var wait = TimeSpan.FromSeconds(7); // as nothing else does, and less than between two pings
        await using var scene = await WireScene.On(time: time, settings: ("Stop:WaitSeconds", $"{wait.TotalSeconds}"));
        var socket = await scene.Listen(scene.Owner);
        Assert.Equal(HttpStatusCode.OK, (await scene.Server.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);

        var stopped = scene.Server.Stop();
        var ready = await scene.Server.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("\"status\":\"stopping\"", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await scene.Server.Client.GetAsync("/api/server", TestContext.Current.CancellationToken)).StatusCode);
        Assert.False(socket.Ended.IsCompleted);
        await time.Awaited(wait);
        time.Advance(wait);
        await stopped;
        await socket.Ended;
        Assert.Equal(1001, socket.CloseCode);
    }

    [Theory, EachDatabase]
    public async Task What_was_acknowledged_before_a_stop_is_there_after_it(Engine engine) => await Acknowledged(engine, program => program.Stop());

    [Theory, EachDatabase]
    public async Task What_was_acknowledged_survives_kill_9_with_numbers_without_a_gap(Engine engine) => await Acknowledged(engine, program => program.Kill());

    [Theory, EachDatabase]
    public async Task Who_was_on_line_at_the_stop_was_last_seen_then(Engine engine)
    {
        await using var database = await TestDatabase.Create(engine, migrate: false);
        string[] arguments = ["--urls", "http://127.0.0.1:0", .. engine == Engine.Postgres ? (string[])["--database", database.Connection] : []];
        string token;
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await using (var program = UnitedProcess.Start(_directory, arguments))
        {
            using var client = new HttpClient { BaseAddress = await program.Ready() };
            (token, _) = await Owner(client);
            await using var socket = await ProtoClient.SignIn(client.BaseAddress, token);
            await socket.Pushed(push => push.PresenceUpdateEvent is not null);
            await program.Stop();
        }

        await using var again = UnitedProcess.Start(_directory, arguments);
        using var after = new HttpClient { BaseAddress = await again.Ready(), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var users = JsonDocument.Parse(await after.GetStringAsync("/api/users"));
        Assert.InRange(users.RootElement.GetProperty("items")[0].GetProperty("last_seen_at").GetInt64(), before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task Acknowledged(Engine engine, Func<UnitedProcess, Task> end)
    {
        await using var database = await TestDatabase.Create(engine, migrate: false);
        string[] arguments =
        [
            "--urls", "http://127.0.0.1:0", "--Limits:MessagesPerSecond", "100000", "--Limits:MessageBurst", "100000",
            "--Limits:RequestsPerSecond", "100000", "--Limits:RequestBurst", "100000",
            .. engine == Engine.Postgres ? (string[])["--database", database.Connection] : [],
        ];
        Guid channel;
        List<string> acknowledged;
        string token;
        await using (var program = UnitedProcess.Start(_directory, arguments))
        {
            using var client = new HttpClient { BaseAddress = await program.Ready() };
            (token, channel) = await Owner(client);
            acknowledged = await LoadUntilItEnds(client, channel, enough: 200, () => end(program));
        }

        await using var again = UnitedProcess.Start(_directory, arguments);
        using var after = new HttpClient { BaseAddress = await again.Ready(), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        var stored = await History(after, channel);
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(number => (long)number), stored.Select(message => message.Sequence));
        Assert.Equal(stored.Count, stored.Select(message => message.ClientId).Distinct().Count());
        Assert.Empty(acknowledged.Except(stored.Select(message => message.ClientId)));
        Assert.True(acknowledged.Count >= 200);
    }

    private static async Task<List<string>> LoadUntilItEnds(HttpClient client, Guid channel, int enough, Func<Task> end)
    {
        var acknowledged = new List<string>();
        var reached = new TaskCompletionSource();
        var senders = Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    var answer = await client.PostAsJsonAsync($"/api/channels/{channel}/messages", new { content = "load", client_id = $"{sender}-{i}" });
                    if (answer.StatusCode != HttpStatusCode.Created) return;
                    lock (acknowledged)
                    {
                        acknowledged.Add($"{sender}-{i}");
                        if (acknowledged.Count == enough) reached.TrySetResult();
                    }
                }
            }
            catch (HttpRequestException)
            {
                // it has ended
            }
        })));
        await Task.WhenAny(reached.Task, senders);
        await end();
        await senders;
        return acknowledged;
    }

    private static async Task<(string Token, Guid Channel)> Owner(HttpClient client)
    {
        var answer = await client.PostAsJsonAsync("/api/auth/register", new { username = "ann", display_name = "Ann", password = "correct horse battery" });
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var token = json.RootElement.GetProperty("access_token").GetString()!;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var channels = JsonDocument.Parse(await client.GetStringAsync("/api/channels"));
        return (token, channels.RootElement.GetProperty("items")[0].GetProperty("id").GetGuid());
    }

    private static async Task<List<(long Sequence, string ClientId)>> History(HttpClient client, Guid channel)
    {
        var stored = new List<(long, string)>();
        for (var more = true; more;)
        {
            using var page = JsonDocument.Parse(await client.GetStringAsync($"/api/channels/{channel}/messages?after={stored.Count}&limit=100"));
            stored.AddRange(page.RootElement.GetProperty("messages").EnumerateArray().Reverse()
                .Select(message => (message.GetProperty("server_sequence").GetInt64(), message.GetProperty("client_id").GetString()!)));
            more = page.RootElement.GetProperty("has_more").GetBoolean();
        }
        return stored;
    }
}
