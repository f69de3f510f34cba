using System.Security.Cryptography;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;

namespace United.ConversationsBench;

/// <summary>The program itself, with pairs of people who have a direct conversation and an encrypted one.</summary>
internal sealed class TalkingPairs : IAsyncDisposable
{
    public const int Count = 64;

    private readonly string _data = Directory.CreateTempSubdirectory("united-bench-").FullName;
    private UnitedProcess? _process;

    /// <summary>Of each pair one after the other.</summary>
    public Person[] People { get; private set; } = [];

    public Guid[] Direct { get; private set; } = [];

    public Guid[] Encrypted { get; private set; } = [];

    public int Port { get; } = LoopbackPort.Take();

    /// <param name="connection">Of PostgreSQL; null: SQLite.</param>
    public static async Task<TalkingPairs> Start(string? connection)
    {
        var pairs = new TalkingPairs();
        await using (Database database = connection is null ? SqliteDatabase.Open(Path.Combine(pairs._data, "united.db")) : PostgresDatabase.Open(connection))
            await pairs.Populate(database);
        string[] arguments = ["serve", "--urls", $"http://127.0.0.1:{pairs.Port}", "--data", pairs._data, .. connection is null ? [] : (string[])["--database=" + connection]];
        pairs._process = UnitedProcess.Start(pairs._data, arguments, environment: United.Unlimited);
        await pairs._process.Ready();
        return pairs;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private async Task Populate(Database database)
    {
        await Migrations.Apply(database, TimeProvider.System);
        var limits = new LimitsOptions();
        using var identity = await IdentitySlice.Start(database, new Control(new LocalBus()), new RateLimits(limits, TimeProvider.System),
            new IdentityOptions("", limits, new SettingsValues()), TimeProvider.System);
        var keys = Array.ConvertAll(new byte[2 * Count][], _ => RandomNumberGenerator.GetBytes(32));
        var ids = Array.ConvertAll(keys, _ => Ids.New(TimeProvider.System));
        People = Array.ConvertAll(ids, id => new Person(id, identity.Tokens.Issue(United.Account(id), id)));
        (Direct, Encrypted) = (new Guid[Count], new Guid[Count]);
        await database.Write(async sql =>
        {
            for (var i = 0; i < ids.Length; i++) await Join(sql, ids[i], keys[i]);
            for (var i = 0; i < Count; i++)
            {
                var (one, other) = (2 * i, (2 * i) + 1);
                if (keys[one].AsSpan().SequenceCompareTo(keys[other]) > 0) (one, other) = (other, one);
                Direct[i] = await Found(sql, 3, [ids[one], ids[other]]);
                Encrypted[i] = await Found(sql, 4, [ids[one], ids[other]]);
                await sql.Execute("insert into direct_pairs (kind, low, high, conversation_id, low_user_id, high_user_id) values (4, @low, @high, @id, @one, @other)",
                    ("low", keys[one]), ("high", keys[other]), ("id", Encrypted[i]), ("one", ids[one]), ("other", ids[other]));
            }
        });
    }

    // A session has the id of its user.
    private static async Task Join(Sql sql, Guid id, byte[] key)
    {
        await sql.Execute("insert into users (id, username, display_name, public_key, role, messaging_access, created_at) values (@id, @name, 'Somebody', @key, 0, 0, 0)",
            ("id", id), ("name", id.ToString("N")), ("key", key));
        await sql.Execute("""
            insert into sessions (id, user_id, created_at, last_used_at, expires_at, refresh_hash, refresh_rotated_at) values (@id, @id, 0, 0, 9000000000000, @hash, 0)
            """, ("id", id), ("hash", id.ToByteArray()));
    }

    private static async Task<Guid> Found(Sql sql, int kind, Guid[] members)
    {
        var id = Ids.New(TimeProvider.System);
        await sql.Execute("insert into conversations (id, kind, created_at, revision, own_revision, member_revision) values (@id, @kind, 0, 1, 1, 1)", ("id", id), ("kind", kind));
        foreach (var member in members)
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at, revision) values (@id, @user, 0, 1)", ("id", id), ("user", member));
        return id;
    }
}
