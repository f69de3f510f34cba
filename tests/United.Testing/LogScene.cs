using Microsoft.Extensions.Logging.Abstractions;
using United.Core;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Testing;

/// <summary>A message log over an empty database, with people and conversations made as a test needs them.</summary>
public sealed class LogScene : IAsyncDisposable
{
    public const string ServerId = "5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f5e1f";

    private readonly TestDatabase _test;
    private readonly bool _owned;
    private int _people;

    private LogScene(TestDatabase test, bool owned, MessageLogOptions? options, TimeProvider? time, LimitsOptions? limits)
    {
        (_test, _owned, Time) = (test, owned, time ?? TimeProvider.System);
        Limits = new RateLimits(limits ?? NoLimits, Time);
        Log = LogOver(test.Database, Bus, Limits, Time, options);
    }

    /// <summary>Of messages, conversations and statuses: limits that no test reaches.</summary>
    public static LimitsOptions NoLimits => new()
    {
        MessagesPerSecond = 1_000_000,
        MessageBurst = 1_000_000,
        ConversationsPerHour = 1_000_000,
        GroupChangesPerMinute = 1_000_000,
        ChannelChangesPerMinute = 1_000_000,
        StatusChangesPerMinute = 1_000_000,
    };

    public Database Database => _test.Database;

    public TestDatabase Test => _test;

    public RecordedBus Bus { get; } = new();

    public RateLimits Limits { get; }

    public MessageLog Log { get; }

    public TimeProvider Time { get; }

    public static async Task<LogScene> On(Engine engine, MessageLogOptions? options = null, TimeProvider? time = null, LimitsOptions? limits = null) =>
        new(await TestDatabase.Create(engine), owned: true, options, time, limits);

    /// <summary>Over a database that somebody else disposes of.</summary>
    public static LogScene Beside(TestDatabase test) => new(test, owned: false, null, null, null);

    /// <summary>A second log over the same database, as a second node has it.</summary>
    public LogScene SecondNode() => new(_test, owned: false, null, Time, null);

    /// <summary>A log alone, to be disposed of by the caller. Unless they are given, nobody hears its events, and its limits are reached by no test.</summary>
    public static MessageLog LogOver(Database database, INodeBus? bus = null, RateLimits? limits = null, TimeProvider? time = null, MessageLogOptions? options = null)
    {
        time ??= TimeProvider.System;
        return new MessageLog(
            database, bus ?? new RecordedBus(), limits ?? new RateLimits(NoLimits, time), ServerId, time, options ?? new MessageLogOptions(), NullLogger<MessageLog>.Instance);
    }

    /// <summary>Anybody may write to them without asking.</summary>
    public Task<Caller> Person(Permissions permissions = Permissions.None) => Person(Interlocked.Increment(ref _people), permissions);

    public async Task<Caller[]> People(int count)
    {
        var people = new Caller[count];
        for (var i = 0; i < count; i++) people[i] = await Person();
        return people;
    }

    /// <summary>A channel that every member of the server reads.</summary>
    public Task<Guid> OpenChannel(bool readOnly = false) => Conversation(ConversationKind.Channel, open: true, readOnly, []);

    public Task SetState(Guid conversationId, Caller member, MemberState state) => Database.Write(sql => sql.Execute(
        "update conversation_members set state = @state where conversation_id = @id and user_id = @user",
        ("state", (int)state), ("id", conversationId), ("user", member.UserId)));

    public Task<Guid> PrivateChannel(params Caller[] members) => Conversation(ConversationKind.Channel, open: false, readOnly: false, members);

    public Task<Guid> Conversation(ConversationKind kind, params Caller[] members) => Conversation(kind, open: false, readOnly: false, members);

    public Task<long> Count(string text, params (string Name, object? Value)[] values) => Database.Read(sql => sql.Count(text, values));

    public async Task<PostResult> Post(Caller caller, PostMessage request) => (await Log.Post(caller, request)).Value;

    public Task<PostResult> Post(Caller caller, Guid conversationId, string content) => Post(caller, new PostMessage(conversationId, content));

    public async Task<Message> Message(Guid id) => (await Database.Read(sql => MessageRows.ByIds(sql, [id])))[0];

    /// <summary>Equal for two moments between which nothing of what the log writes was changed.</summary>
    public async Task<string> Trace() => string.Join(' ', await Database.Read(sql => sql.All("""
        select count(*), coalesce(sum(revision), 0), coalesce(sum(last_sequence), 0) from conversations
        union all select count(*), coalesce(sum(revision), 0), coalesce(sum(last_read_sequence + last_delivered_sequence), 0) from conversation_members
        union all select count(*), coalesce(sum(revision), 0), coalesce(sum(length(content)), 0) from messages
        union all select count(*), coalesce(sum(revision), 0), coalesce(sum(case when removed then 1 else 0 end), 0) from reactions
        union all select count(*), coalesce(sum(server_sequence), 0), coalesce(sum(kind), 0) from mentions
        union all select count(*), coalesce(sum(sequence), 0), coalesce(sum(kind), 0) from receipt_events
        """, row => $"{row.Int64(0)}/{row.Int32(1)}/{row.Int32(2)}")));

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        if (_owned) await _test.DisposeAsync();
    }

    private async Task<Caller> Person(int number, Permissions permissions)
    {
        var caller = new Caller(Ids.New(Time), Ids.New(Time), $"person{number}", $"Person {number}", "", Role.Member, permissions);
        await Database.Write(async sql =>
        {
            await sql.Execute("insert into users (id, username, display_name, role, messaging_access, created_at) values (@id, @username, @name, 0, 0, 0)",
                ("id", caller.UserId), ("username", caller.Username), ("name", caller.DisplayName));
            if (permissions != Permissions.None) await Grant(sql, caller);
        });
        return caller;
    }

    // By a community role of their own.
    private static async Task Grant(Sql sql, Caller caller)
    {
        await sql.Execute("insert into roles (id, name, name_key, position, permissions) values (@id, @name, @name, 0, @permissions)",
            ("id", caller.SessionId), ("name", caller.Username), ("permissions", (int)caller.Permissions));
        await sql.Execute("insert into role_members (role_id, user_id) values (@role, @user)", ("role", caller.SessionId), ("user", caller.UserId));
    }

    private async Task<Guid> Conversation(ConversationKind kind, bool open, bool readOnly, Caller[] members)
    {
        var id = Ids.New(Time);
        await Database.Write(async sql =>
        {
            await sql.Execute("""
                insert into conversations (id, kind, name, name_key, open, read_only, created_at) values (@id, @kind, @name, @name, @open, @read_only, 0)
                """, ("id", id), ("kind", (int)kind), ("name", id.ToString()), ("open", open), ("read_only", readOnly));
            foreach (var member in members)
                await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@id, @user, 0)", ("id", id), ("user", member.UserId));
        });
        return id;
    }
}
