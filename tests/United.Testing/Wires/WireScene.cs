using Microsoft.Extensions.DependencyInjection;
using United.Core;
using United.Core.Channels;
using United.Core.Conversations;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing.Sockets;

namespace United.Testing.Wires;

/// <summary>The real server with an owner, and as many people on as many wires as a test needs. Rates are set out of the way.</summary>
public sealed class WireScene : IAsyncDisposable
{
    private static readonly (string, string)[] Unlimited =
    [
        ("Limits:MessagesPerSecond", "100000"), ("Limits:MessageBurst", "100000"), ("Limits:FramesPerSecond", "100000"), ("Limits:FrameBurst", "100000"),
        ("Limits:RequestsPerSecond", "100000"), ("Limits:RequestBurst", "100000"),
    ];

    private readonly List<IAsyncDisposable> _opened = [];
    private int _channels;

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

    /// <returns>A file for the setting MessageLog:WordList.</returns>
    public static async Task<string> WordList(string word)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, word);
        return file;
    }

    public Task<TestUser> Join(string name) => TestUser.Register(Core, Address, name, invitedBy: Owner);

    /// <summary>The same account in a session of its own, as from another device.</summary>
    public Task<TestUser> SignInAgain(TestUser user) => user.SignIn(Core, Address);

    public async Task<IWireDriver> Drive(WireKind wire, TestUser user)
    {
        IWireDriver driver = wire switch
        {
            WireKind.Rest => new RestDriver(Address, user.AccessToken),
            WireKind.Proto => new ProtoDriver(await ProtoClient.SignIn(Address, user.AccessToken)),
            _ => new SocketIoDriver(await SocketIoClient.SignIn(Address, user.AccessToken)),
        };
        _opened.Add(driver);
        return driver;
    }

    /// <summary>On a wire that also makes groups and direct conversations.</summary>
    public async Task<IConversationsDriver> Converse(WireKind wire, TestUser user)
    {
        IConversationsDriver driver = wire switch
        {
            WireKind.Rest => new RestDriver(Address, user.AccessToken, ofChannels: false),
            WireKind.Proto => new ProtoDriver(await ProtoClient.SignIn(Address, user.AccessToken)),
            _ => throw new ArgumentOutOfRangeException(nameof(wire), wire, "Makes no conversations."),
        };
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

    /// <summary>A signed-in Socket.IO client.</summary>
    public async Task<SocketIoClient> ListenBySocketIo(TestUser user)
    {
        var client = await SocketIoClient.SignIn(Address, user.AccessToken);
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
    public Task<Guid> OpenChannel(bool readOnly = false) => Create(new CreateChannel(Name(), ReadOnly: readOnly));

    /// <summary>Its members are these, and the owner who makes it.</summary>
    public Task<Guid> PrivateChannel(params TestUser[] members) =>
        Create(new CreateChannel(Name(), Private: true, MemberIds: [.. members.Select(member => member.Id)]));

    /// <summary>A group that the owner made and administers.</summary>
    public async Task<Guid> Group(params TestUser[] members) => (await Core.Conversations.CreateGroup(
        await Owner.Caller(Core), new CreateGroup($"group {Interlocked.Increment(ref _channels)}", [.. members.Select(member => member.Id)]))).Value.View.Conversation.Id;

    /// <summary>A direct conversation of two who may write to each other.</summary>
    public async Task<Guid> Direct(TestUser one, TestUser other)
    {
        foreach (var user in (TestUser[])[one, other]) await Set(user, new ChangeProfile(MessagingAccess: MessagingAccess.Everyone));
        return (await Core.Conversations.CreateDirect(await one.Caller(Core), other.Id)).Value.View.Conversation.Id;
    }

    public async Task Set(TestUser user, ChangeProfile change) => _ = (await Core.Identity.Accounts.Change(await user.Caller(Core), change)).Value;

    public async Task Remove(Guid channel, TestUser member) =>
        _ = (await Core.Channels.RemoveMember(await Owner.Caller(Core), channel, member.Id)).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) await opened.DisposeAsync();
        await Server.DisposeAsync();
    }

    private string Name() => $"channel {Interlocked.Increment(ref _channels)}";

    private async Task<Guid> Create(CreateChannel request) => (await Core.Channels.Create(await Owner.Caller(Core), request)).Value.Id;
}
