using United.Core.Storage;
using United.SocketIo.Tests.Hosting;
using United.Testing;
using Xunit;

namespace United.Server.Tests.SocketIo;

/// <summary>
/// Devices with the real client that lose their connections: in the end each holds the messages, edits, deletions, reactions, receipts and members that a fresh
/// one fetches.
/// </summary>
public sealed class SocketIoDevicesTests
{
    private static readonly (string, string)[] Unlimited =
    [
        ("Limits:MessagesPerSecond", "100000"), ("Limits:MessageBurst", "100000"), ("Limits:FrameBurst", "100000"), ("Limits:GroupChangesPerMinute", "100000"),
        ("Limits:RegistrationsPerHour", "100"),
    ];

    [Theory, EachDatabase]
    public async Task Whose_connections_drop_at_random(Engine engine)
    {
        await using var server = await TestServer.Start(engine, settings: Unlimited);
        await using var devices = await Devices("drops", server.Address);
        Assert.Equal("ok", devices.Ready);
    }

    [Theory, EachDatabase]
    public async Task Whose_server_is_killed_and_started_again(Engine engine)
    {
        await using var database = engine == Engine.Postgres ? await PostgresServer.Start() : null;
        await using var united = await KillableServer.Start(database is null ? null : await database.CreateDatabase());
        await using var devices = await Devices("restart", united.Address);
        Assert.Equal("ready", devices.Ready);
        await united.Kill();
        await united.Start();
        Assert.Equal("ok", await devices.Ask("restarted"));
    }

    [Theory, EachDatabase]
    public async Task That_were_away_for_24_hours(Engine engine)
    {
        var time = new ManualTime();
        await using var server = await TestServer.Start(engine, time, settings: Unlimited);
        await using var devices = await Devices("away", server.Address);
        Assert.Equal("ready", devices.Ready);
        time.Advance(TimeSpan.FromHours(24));
        Assert.Equal("ok", await devices.Ask("a day later"));
    }

    private static Task<RunningNode> Devices(string way, Uri server) =>
        Node.Serve("../../United.Server.Tests/node/devices.mjs", way, server.GetLeftPart(UriPartial.Authority));
}
