using Microsoft.Extensions.Logging.Abstractions;
using United.Core;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.LogBench;

/// <summary>A database with people and channels, and the log over it.</summary>
internal sealed class Town : IAsyncDisposable
{
    public const int Channels = 100;

    private Town(Database database)
    {
        Database = database;
        var bus = new LocalBus();
        bus.Connect(new NodeReceiver(static _ => { }, static _ => { }, static _ => ValueTask.CompletedTask));
        Log = new MessageLog(database, bus, new RateLimits(new LimitsOptions { MessagesPerSecond = 1_000_000, MessageBurst = 1_000_000 }, TimeProvider.System), new string('0', 64), TimeProvider.System, new MessageLogOptions(), NullLogger<MessageLog>.Instance);
    }

    public Database Database { get; }

    public MessageLog Log { get; }

    public List<Caller> People { get; } = [];

    public List<Guid> Open { get; } = [];

    public static async Task<Town> Build(Database database, int people)
    {
        await Migrations.Apply(database, TimeProvider.System);
        var town = new Town(database);
        await database.Write(async sql =>
        {
            for (var i = 0; i < people; i++) town.People.Add(await Person(sql, i));
            for (var i = 0; i < Channels; i++) town.Open.Add(await Channel(sql, open: true));
        });
        return town;
    }

    /// <summary>A private channel with the first of the people as members.</summary>
    public Task<Guid> Private(int members) => Database.Write(async sql =>
    {
        var id = await Channel(sql, open: false);
        foreach (var person in People.Take(members))
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@id, @user, 0)", ("id", id), ("user", person.UserId));
        return id;
    });

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<Caller> Person(Sql sql, int number)
    {
        var caller = new Caller(Ids.New(TimeProvider.System), Guid.Empty, $"person{number}", $"Person {number}", "", Role.Member, Permissions.None);
        await sql.Execute("insert into users (id, username, display_name, role, created_at) values (@id, @username, @name, 0, 0)",
            ("id", caller.UserId), ("username", caller.Username), ("name", caller.DisplayName));
        return caller;
    }

    private static async Task<Guid> Channel(Sql sql, bool open)
    {
        var id = Ids.New(TimeProvider.System);
        await sql.Execute("insert into conversations (id, kind, name, name_key, open, created_at) values (@id, 1, @name, @name, @open, 0)",
            ("id", id), ("name", id.ToString()), ("open", open));
        return id;
    }
}
