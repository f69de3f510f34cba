using System.Net;
using Microsoft.Extensions.Configuration;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Hosting.Settings;
using United.Testing;
using United.Testing.Sockets;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class ReadinessTests
{
    [Theory, EachDatabase]
    public async Task A_server_whose_database_answers_is_ready(Engine engine)
    {
        await using var server = await TestServer.Start(engine);

        Assert.Equal("""{"status":"ready","database":"ok","backplane":"none"}""", await server.Client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        Assert.Equal("""{"status":"live"}""", await server.Client.GetStringAsync("/health/live", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_its_database_it_lives_but_is_not_ready_and_says_when_to_come_back()
    {
        await using var postgres = await PostgresServer.Start();
        await using var database = PostgresDatabase.Open(await postgres.CreateDatabase());
        await Migrations.Apply(database, TimeProvider.System, TestContext.Current.CancellationToken);
        var options = UnitedOptions.Read(new ConfigurationBuilder().AddInMemoryCollection([new("Urls", "http://127.0.0.1:0"), new("Log:Level", "Error")]).Build());
        await using var app = await UnitedApp.Start(options, database, TimeProvider.System, ct: TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var owner = await TestUser.Register(app.Core, client.BaseAddress, "owner");
        await using var proto = await ProtoClient.SignIn(client.BaseAddress, owner.AccessToken);
        await using var socket = await SocketIoClient.SignIn(client.BaseAddress, owner.AccessToken);

        await postgres.Kill();
        var ready = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var asked = await client.GetAsync("/api/server", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, (await client.GetAsync("/health/live", TestContext.Current.CancellationToken)).StatusCode));
        Assert.Contains("\"database\":\"away\"", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (asked.StatusCode, asked.Headers.RetryAfter!.Delta));
        Assert.Equal("""{"type":"urn:united:fault:unavailable","title":"The server is busy right now. Try again in a moment.","status":503,"code":"unavailable","retry_after":2}""",
            await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2_000u, (await proto.Ask(new Envelope { ListConversations = new ListConversations() })).Error.RetryAfterMs);
        Assert.Equal(2, (await socket.Ask("conversation:join", new { conversationId = owner.Id })).GetProperty("retryAfter").GetInt32());
        await postgres.Start(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode);
    }
}
