using System.Security.Cryptography;
using United.Core.DirectMessages;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>The slice over a log, people with identity keys, and short words for what tests do with it.</summary>
internal sealed class DmScene : IAsyncDisposable
{
    /// <summary>Of a server whose settings say nothing else.</summary>
    public static readonly TimeSpan DeadFoundWithin = new RealtimeOptions().DeadFoundWithin;

    /// <summary>After this time who was given something has taken it, unless the connection has ended.</summary>
    public static readonly TimeSpan Sure = 2 * DeadFoundWithin;

    private DmScene(LogScene scene, TimeSpan deadFoundWithin)
    {
        Scene = scene;
        Keys = new DmKeys(scene.Database, scene.Bus, scene.Limits, scene.Time);
        Conversations = new DmConversations(scene.Database, scene.Log, scene.Limits, scene.Time);
        Messages = new DmMessages(scene.Database, scene.Log, scene.Limits, scene.Time);
        Live = new LiveDeliveries(scene.Time, deadFoundWithin);
        Queue = new OfflineQueue(scene.Database, Live);
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public LogScene Scene { get; }

    public DmKeys Keys { get; }

    public DmConversations Conversations { get; }

    public DmMessages Messages { get; }

    /// <summary>Nobody is connected, until it is told so.</summary>
    public LiveDeliveries Live { get; }

    public OfflineQueue Queue { get; }

    public static async Task<DmScene> On(Engine engine, TimeProvider? time = null, TimeSpan? deadFoundWithin = null) =>
        new(await LogScene.On(engine, time: time), deadFoundWithin ?? DeadFoundWithin);

    /// <summary>The same database by another node, or after a restart.</summary>
    public DmScene Other() => new(Scene.SecondNode(), DeadFoundWithin);

    public async Task<Caller> Person()
    {
        var person = await Scene.Person();
        return await Rekey(person);
    }

    /// <summary>The same account with a fresh identity key.</summary>
    public async Task<Caller> Rekey(Caller person)
    {
        var key = Ed25519.PublicKeyOf(Ed25519.NewSeed());
        await Scene.Database.Write(sql => sql.Execute("update users set public_key = @key, messaging_access = 0 where id = @id", ("key", key), ("id", person.UserId)));
        return person with { PublicKey = PublicKeys.Hex(key) };
    }

    public async Task<Guid> Open(Caller one, Caller other) => (await Conversations.Open(one, other.PublicKey, Ct)).Value.Conversation.Id;

    public async Task<(Caller Ada, Caller Bob, Guid Id)> Pair()
    {
        var (ada, bob) = (await Person(), await Person());
        return (ada, bob, await Open(ada, bob));
    }

    public static SendDm Sealed(Guid conversationId, int bytes = 300, string? clientId = null) =>
        new(conversationId, RandomNumberGenerator.GetBytes(bytes), RandomNumberGenerator.GetBytes(24), RandomNumberGenerator.GetBytes(32), 1_700_000_000_000, clientId);

    public Task<Result<SentDm>> Send(Caller sender, SendDm request) => Messages.Send(sender, request, Ct);

    public async Task<Message> Send(Caller sender, Guid conversationId) => (await Send(sender, Sealed(conversationId))).Value.Message;

    public async Task<Message[]> Sent(Caller sender, Guid conversationId, int count)
    {
        var sent = new Message[count];
        for (var i = 0; i < count; i++) sent[i] = await Send(sender, conversationId);
        return sent;
    }

    public async Task<Guid[]> Waiting(Caller caller) => [.. (await Queue.Waiting(caller, ct: Ct)).Value.Select(message => message.Id)];

    public async Task<int> Acknowledge(Caller caller, params Guid[] ids) => (await Queue.Acknowledge(caller, ids, Ct)).Value;

    /// <summary>Of what waits, how much has a row of its own.</summary>
    public Task<long> Entries(Caller recipient) => Scene.Count("select count(*) from dm_offline_queue where recipient_id = @user", ("user", recipient.UserId));

    /// <summary>Equal for two moments between which nothing of what is kept was changed.</summary>
    public async Task<string> Trace() => await Scene.Trace() + " " + string.Join(' ', await Scene.Database.Read(sql => sql.All("""
        select count(*), coalesce(sum(length(payload)), 0) from messages
        union all select count(*), coalesce(sum(bytes), 0) from dm_offline_queue
        union all select count(*), cast(coalesce(sum(taken_sequence), 0) as bigint) from conversation_members
        union all select count(*), 0 from direct_pairs
        union all select count(*), 0 from dm_public_keys
        """, row => $"{row.Int64(0)}/{row.Int64(1)}")));

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}
