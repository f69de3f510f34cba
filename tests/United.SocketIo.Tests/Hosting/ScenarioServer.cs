using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace United.SocketIo.Tests.Hosting;

/// <summary>What the cases of node/cases.mjs talk to.</summary>
internal static partial class ScenarioServer
{
    public static Task<SocketIoHost> Start(Action<SocketIoOptions>? configure = null) => Start(configure, _ => { });

    public static async Task<SocketIoHost> Start(Action<SocketIoOptions>? configure, Action<SocketIoHost> also)
    {
        var host = await SocketIoHost.Start(options =>
        {
            options.Json.TypeInfoResolverChain.Insert(0, ScenarioJson.Default);
            configure?.Invoke(options);
        });
        Add(host.Io);
        also(host);
        return host;
    }

    private static void Add(SocketIoServer io)
    {
        io.On("echo", e => e.Socket.Emit("echo", All(e.Args)));
        io.On("ack", e => e.Ack(All(e.Args)));
        io.On("add", e => e.Ack(e.Args.Get<int>(0) + e.Args.Get<int>(1)));
        io.On<Named, Named>("reverse", (_, named, _) => Task.FromResult(named! with { Data = [.. named.Data.Reverse()] }));
        io.On("ask", async e => e.Socket.Emit("answered", (await e.Socket.Timeout(TimeSpan.FromSeconds(5)).EmitWithAck("question", e.Args[0]))[0]));
        io.On("join", e => Acked(e, () => e.Socket.Join(e.Args.Get<string>(0)!)));
        io.On("leave", e => Acked(e, () => e.Socket.Leave(e.Args.Get<string>(0)!)));
        io.On("to", e => Acked(e, () => e.Socket.To(e.Args.Get<string>(0)!).Emit(e.Args.Get<string>(1)!, e.Args[2])));
        io.On("in", e => Acked(e, () => io.In(e.Args.Get<string>(0)!).Emit(e.Args.Get<string>(1)!, e.Args[2])));
        io.On("all", e => Acked(e, () => io.Emit(e.Args.Get<string>(0)!, e.Args[1])));
        io.On("kick", e => e.Socket.Disconnect(close: e.Args.Count > 0));
        io.On("drop", e => e.Socket.Engine.CloseNow(United.SocketIo.EngineIo.CloseReasons.TransportError));
        var admin = io.Of("/admin");
        admin.Use(socket => ValueTask.FromResult(socket.Handshake.Auth.ToString().Contains("secret") ? null : new Refusal("not authorized", new Dictionary<string, object> { ["code"] = 7 })));
        admin.On("who", e => e.Ack(e.Socket.Namespace.Name));
        io.Of(RoomName()).On("who", e => e.Ack(e.Socket.Namespace.Name));
    }

    private static void Acked(SocketEvent e, Action act)
    {
        act();
        e.Ack();
    }

    private static object?[] All(Arguments args) => [.. args.Cast<object?>()];

    [GeneratedRegex("^/room-[0-9]+$")]
    private static partial Regex RoomName();

    internal sealed record Named(string Name, byte[] Data);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScenarioServer.Named))]
internal sealed partial class ScenarioJson : JsonSerializerContext;
