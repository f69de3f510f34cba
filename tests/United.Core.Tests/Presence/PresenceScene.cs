using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Messages;
using United.Core.Presence;
using United.Core.Realtime;
using United.Core.Storage;
using United.Core.Tests.Realtime;
using United.Testing;

namespace United.Core.Tests.Presence;

/// <summary>A board over a real database, a hub that reads its memberships there, and one listener to whom everything may be told.</summary>
internal sealed class PresenceScene : IAsyncDisposable
{
    private readonly RealtimeNode _node;
    private Ear? _witness;

    private PresenceScene(LogScene log, ManualTime time)
    {
        var bus = new LocalBus();
        var fake = new FakeLog();
        var reads = new FeedReads(log.Database, new ChangesSince(log.Database));
        _node = RealtimeNode.Start(fake, time, bus, reads: fake.Reads with { Memberships = reads.Memberships });
        (Log, Time) = (log, time);
        Board = new PresenceBoard(log.Database, _node.Hub, bus, log.Limits, time, NullLogger<PresenceBoard>.Instance);
        bus.Connect(new NodeReceiver(_node.Hub.Accept, hint => Board.Accept((PresenceSignal)hint), _node.Hub.Apply));
    }

    public LogScene Log { get; }

    public ManualTime Time { get; }

    public PresenceBoard Board { get; }

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static async Task<PresenceScene> On(Engine engine)
    {
        var time = new ManualTime();
        var scene = Beside(await LogScene.On(engine, time: time), time);
        scene._witness = await scene.Listen(await scene.Person());
        return scene;
    }

    /// <summary>Of its own, but for the database.</summary>
    public static PresenceScene Beside(LogScene log, ManualTime time) => new(log, time);

    public Task<Caller> Person() => Log.Person();

    public Task<Ear> Listen(Caller who) => _node.Listen(who.UserId);

    public async Task Leave(Ear ear)
    {
        _node.Hub.Detach(ear.Session);
        await _node.Settle();
    }

    /// <summary>So many strangers come that the server is a large one. Nobody hears of them any more when this returns.</summary>
    public async Task Grow()
    {
        for (var i = 0; i <= PresenceBoard.SmallServer; i++) Board.Count(Ids.New(Time), 1);
        await Board.Tell();
    }

    public Task<long?> LastSeen(Caller who) => Log.Database.Read(sql => sql.One(
        "select last_seen_at from users where id = @id", row => row.Int64OrNull(0), ("id", who.UserId)));

    public async Task<List<PresenceStatus>> HeardOf(Caller who, Ear? ear = null) =>
        [.. (await Heard(ear ?? _witness!)).Where(told => told.UserId == who.UserId).Select(told => told.Status)];

    /// <returns>What it has heard since it was asked last.</returns>
    public async Task<IReadOnlyList<PresenceChanged>> Heard(Ear ear)
    {
        await _node.Settle();
        return [.. ear.Heard().OfType<PresenceChanged>()];
    }

    public async ValueTask DisposeAsync()
    {
        await Board.DisposeAsync();
        _node.Dispose();
        if (_witness is not null) await Log.DisposeAsync();
    }
}
