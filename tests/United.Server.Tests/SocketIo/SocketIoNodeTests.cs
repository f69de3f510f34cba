using System.Text.Json;
using United.Core.Storage;
using United.SocketIo.Tests.Hosting;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.SocketIo;

/// <summary>The real client, under Node, against the real server.</summary>
public sealed class SocketIoNodeTests
{
    private const string Polling = "polling", WebSocket = "websocket", Upgrade = "polling,websocket";

    public static MatrixTheoryData<Engine, string, string> Cases() =>
        new([Engine.Sqlite, Engine.Postgres], ["everyEvent", "devices", "removal"], [Polling, WebSocket, Upgrade]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_real_client_finds_what_is_documented(Engine engine, string name, string transports)
    {
        await using var scene = await WireScene.On(engine);
        await Run(scene, name, transports);
    }

    [Fact]
    public async Task A_foreign_emitter_reaches_the_rooms_through_redis()
    {
        await using var redis = await RedisServer.Start();
        await using var scene = await WireScene.On(settings: [("SocketIo:Redis", $"127.0.0.1:{redis.Port}")]);
        await Run(scene, "emitter", WebSocket, $"redis://127.0.0.1:{redis.Port}", alone: true);
    }

    [Theory, EachDatabase]
    public async Task The_transcripts_of_the_page_hold(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (bot, anna) = (await scene.Join("bot"), await scene.Join("anna"));
        var values = new
        {
            token = bot.AccessToken,
            me = bot.Id,
            key = bot.PublicKey,
            anna = anna.Id,
            annastoken = anna.AccessToken,
            channel = await scene.OpenChannel(),
            group = await scene.Group(bot, anna),
        };
        foreach (var transcript in House.Repository.Read("docs/wire/socketio.md").Split("```transcript\n").Skip(1))
        {
            var lines = transcript.Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await Node.Run(Script, "transcript", Url(scene), WebSocket, JsonSerializer.Serialize(new { lines, values }));
        }
    }

    private static string Script => "../../United.Server.Tests/node/united.mjs";

    private static string Url(WireScene scene) => scene.Address.GetLeftPart(UriPartial.Authority);

    private static async Task Run(WireScene scene, string name, string transports, string? redis = null, bool alone = false)
    {
        var (anna, berta) = (await scene.Join("anna"), await scene.Join("berta"));
        var given = new
        {
            channel = await scene.OpenChannel(),
            closed = alone || name == "everyEvent" ? await scene.PrivateChannel() : await scene.PrivateChannel(anna),
            owner = scene.Owner.AccessToken,
            anna = anna.AccessToken,
            annaId = anna.Id,
            berta = berta.AccessToken,
            redis,
        };
        await Node.Run(Script, name, Url(scene), transports, JsonSerializer.Serialize(given));
    }
}
