using Microsoft.Extensions.DependencyInjection;
using United.Core;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing.Sockets;

namespace United.Testing.Wires;

/// <summary>The real server with an owner, and as many people on as many wires as a test needs. Rates are set out of the way.</summary>
public sealed class WireScene : IAsyncDisposable
{
    private static readonly (string, string)[] Unlimited =
    [
        ("Limits:MessagesPerSecond", "100000"), ("Limits:MessageBurst", "100000"), ("Limits:FramesPerSecond", "100000"), ("Limits:FrameBurst", "100000"),
    ];

    private readonly List<IAsyncDisposable> _opened = [];

    private WireScene(TestServer server, TestUser owner) => (Server, Owner) = (server, owner);

    public TestServer Server { get; }

    public TestUser Owner { get; }

    public Uri Address => Server.Address;

    public CoreSetup Core => Server.Services.GetRequiredService<CoreSetup>();

    /// <param name="settings">Over the defaults of a scene: no rate is met by accident.</param>
    public static async Task<WireScene> On(Engine engine = Engine.Sqlite, TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var kept = Unlimited.Where(usual => !settings.Any(given => given.Key == usual.Item1));
        var server = await TestServer.Start(engine, time, settings: [.. kept, .. settings]);
        var owner = await TestUser.Register(server.Services.GetRequiredService<CoreSetup>(), server.Address, "owner");
        return new WireScene(server, owner);
    }

    public Task<TestUser> Join(string name) => TestUser.Register(Core, Address, name, invitedBy: Owner);

    /// <summary>The same account in a session of its own, as from another device.</summary>
    public Task<TestUser> SignInAgain(TestUser user) => user.SignIn(Core, Address);

    public async Task<IWireDriver> Drive(WireKind wire, TestUser user)
    {
        IWireDriver driver = wire == WireKind.Rest ? new RestDriver(Address, user.AccessToken) : new ProtoDriver(await ProtoClient.SignIn(Address, user.AccessToken));
        _opened.Add(driver);
        return driver;
    }

    /// <summary>A signed-in socket.</summary>
    public async Task<ProtoClient> Listen(TestUser user)
    {
        var client = await ProtoClient.SignIn(Address, user.AccessToken);
        _opened.Add(client);
        return client;
    }

    public async Task<RawSocket> Raw(TestUser? user = null)
    {
        var socket = await RawSocket.Open(Address, user?.AccessToken);
        _opened.Add(socket);
        if (user is not null) await socket.ReceiveEnvelope(push => push.Hello is not null);
        return socket;
    }

    /// <summary>A channel that every member of the server reads.</summary>
    public Task<Guid> OpenChannel(bool readOnly = false) => Channel(open: true, readOnly, []);

    public Task<Guid> PrivateChannel(params TestUser[] members) => Channel(open: false, readOnly: false, members);

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) await opened.DisposeAsync();
        await Server.DisposeAsync();
    }

    private async Task<Guid> Channel(bool open, bool readOnly, TestUser[] members)
    {
        var id = Ids.New(TimeProvider.System);
        await Core.Database.Write(async sql =>
        {
            await sql.Execute("insert into conversations (id, kind, name, name_key, open, read_only, created_at) values (@id, @kind, @name, @name, @open, @read_only, 0)",
                ("id", id), ("kind", (int)ConversationKind.Channel), ("name", id.ToString()), ("open", open), ("read_only", readOnly));
            foreach (var member in members)
                await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@id, @user, 0)", ("id", id), ("user", member.Id));
        });
        return id;
    }
}
