using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Presence;
using United.Core.Realtime;
using United.Core.Storage;
using United.Core.Tests.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Presence;

public sealed class PresenceBoardTests
{
    [Theory, EachDatabase]
    public async Task Somebody_who_connects_is_on_line_and_offline_ten_seconds_after_the_last_connection_ended(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var ada = await scene.Person();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId));

        scene.Board.Count(ada.UserId, 0);
        var left = scene.Now;
        scene.Time.Advance(PresenceBoard.Grace - TimeSpan.FromMilliseconds(1));
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId));

        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Offline, scene.Board.StatusOf(ada.UserId));
        Assert.Equal(left, await scene.LastSeen(ada));
        Assert.Equal([PresenceStatus.Online, PresenceStatus.Offline], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task A_reload_is_not_news(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var ada = await scene.Person();
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();

        scene.Board.Count(ada.UserId, 0);
        await scene.Board.Tell();
        scene.Time.Advance(TimeSpan.FromSeconds(9));
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        scene.Time.Advance(TimeSpan.FromSeconds(60));
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Online], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task A_status_set_by_hand_stays_until_it_is_changed(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var ada = await scene.Person();
        Assert.True((await scene.Board.Set(ada, PresenceStatus.Dnd)).Ok);

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Dnd, scene.Board.StatusOf(ada.UserId));

        scene.Board.Count(ada.UserId, 0);
        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Dnd, scene.Board.StatusOf(ada.UserId));

        Assert.True((await scene.Board.Set(ada, PresenceStatus.Online)).Ok);
        await scene.Board.Tell();
        Assert.Equal([PresenceStatus.Dnd, PresenceStatus.Offline, PresenceStatus.Dnd, PresenceStatus.Online], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task Changes_within_a_beat_are_told_as_one(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var ada = await scene.Person();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Set(ada, PresenceStatus.Away);
        await scene.Board.Set(ada, PresenceStatus.Dnd);
        await scene.Board.Set(ada, PresenceStatus.Away);
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Away], await scene.HeardOf(ada));
    }

    [Theory, EachDatabase]
    public async Task Nobody_sets_themself_offline(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var ada = await scene.Person();

        var refusal = (await scene.Board.Set(ada, PresenceStatus.Offline)).Refusal;

        Assert.Equal((Fault.ValidationFailed, "status"), (refusal?.Fault, refusal?.Field));
        Assert.Equal(0, await scene.Log.Count("select count(*) from users where id = @id and presence <> 0", ("id", ada.UserId)));
    }

    [Theory, EachDatabase]
    public async Task On_a_large_server_only_those_who_share_a_conversation_hear_of_a_change(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var (ada, grace, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Log.PrivateChannel(ada, grace);
        await scene.Log.OpenChannel();
        var (near, far) = (await scene.Listen(grace), await scene.Listen(eve));
        for (var i = 0; i < PresenceBoard.SmallServer; i++) scene.Board.Count(Ids.New(scene.Time), 1);
        await scene.Board.Tell();

        scene.Board.Count(ada.UserId, 1);
        await scene.Board.Tell();

        Assert.Equal([PresenceStatus.Online], await scene.HeardOf(ada, near));
        Assert.Empty(await scene.HeardOf(ada, far));
    }

    [Theory, EachDatabase]
    public async Task Connections_to_two_nodes_are_one_presence(Engine engine)
    {
        await using var scene = await Scene.On(engine);
        var ada = await scene.Person();
        scene.Board.Accept(new PresenceSignal.Arrived(ada.UserId, Node: 0));
        scene.Board.Accept(new PresenceSignal.Arrived(ada.UserId, Node: 1));
        scene.Board.Accept(new PresenceSignal.Left(ada.UserId, Node: 0, scene.Now));

        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Online, scene.Board.StatusOf(ada.UserId));

        scene.Board.Accept(new PresenceSignal.Left(ada.UserId, Node: 1, scene.Now));
        scene.Time.Advance(PresenceBoard.Grace);
        await scene.Board.Tell();
        Assert.Equal(PresenceStatus.Offline, scene.Board.StatusOf(ada.UserId));
        Assert.Null(await scene.LastSeen(ada)); // the other node writes that
    }

    /// <summary>A board over a real database and hub, and one listener to whom everything may be told.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly RealtimeNode _node;
        private Ear? _witness;

        private Scene(LogScene log, ManualTime time, RealtimeNode node, INodeBus bus)
        {
            (Log, Time, _node) = (log, time, node);
            Board = new PresenceBoard(log.Database, node.Hub, bus, time, NullLogger<PresenceBoard>.Instance);
            bus.Connect(new NodeReceiver(node.Hub.Accept, hint => Board.Accept((PresenceSignal)hint), node.Hub.Apply));
        }

        public LogScene Log { get; }

        public ManualTime Time { get; }

        public PresenceBoard Board { get; }

        public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

        public static async Task<Scene> On(Engine engine)
        {
            var time = new ManualTime();
            var bus = new LocalBus();
            var node = RealtimeNode.Start(new FakeLog(), time, bus);
            var scene = new Scene(await LogScene.On(engine, time: time), time, node, bus);
            scene._witness = await scene.Listen(await scene.Person());
            return scene;
        }

        public Task<Caller> Person() => Log.Person();

        public Task<Ear> Listen(Caller who) => _node.Listen(who.UserId);

        public Task<long?> LastSeen(Caller who) => Log.Database.Read(sql => sql.One(
            "select last_seen_at from users where id = @id", row => row.Int64OrNull(0), ("id", who.UserId)));

        public async Task<List<PresenceStatus>> HeardOf(Caller who, Ear? ear = null)
        {
            await _node.Settle();
            return [.. (ear ?? _witness!).Heard().OfType<PresenceChanged>().Where(told => told.UserId == who.UserId).Select(told => told.Status)];
        }

        public async ValueTask DisposeAsync()
        {
            await Board.DisposeAsync();
            _node.Dispose();
            await Log.DisposeAsync();
        }
    }
}
