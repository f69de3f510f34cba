using Npgsql;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;

namespace United.ConversationsBench;

/// <summary>The program itself. Accounts, sessions and conversations are written into its database; their tokens are its own.</summary>
internal sealed class United : Peer
{
    // No limit on what one person may do: what is measured is the server.
    internal static readonly (string, string)[] Unlimited =
    [
        ("UNITED_Limits__MessagesPerSecond", "100000"), ("UNITED_Limits__MessageBurst", "100000"),
        ("UNITED_Limits__FramesPerSecond", "100000"), ("UNITED_Limits__FrameBurst", "100000"),
        ("UNITED_Limits__RequestsPerSecond", "1000000"), ("UNITED_Limits__RequestBurst", "1000000"),
    ];

    private readonly string _data = Directory.CreateTempSubdirectory("united-bench-").FullName;
    private readonly NpgsqlDataSource _source;
    private readonly IdentitySlice _identity;
    private UnitedProcess? _process;

    private United(NpgsqlDataSource source, IdentitySlice identity) => (_source, _identity) = (source, identity);

    public override string Name => "United";

    public override int Port { get; } = LoopbackPort.Take();

    public override int ProcessId => _process!.Id;

    public static async Task<United> Start(PostgresServer postgres)
    {
        var connection = await postgres.CreateDatabase();
        await using var database = PostgresDatabase.Open(connection);
        await Migrations.Apply(database, TimeProvider.System);
        var limits = new LimitsOptions();
        var identity = await IdentitySlice.Start(database, new Control(new LocalBus()), new RateLimits(limits, TimeProvider.System),
            new IdentityOptions("", limits, new SettingsValues()), TimeProvider.System);
        var united = new United(NpgsqlDataSource.Create(connection), identity);
        await united.Populate();
        string[] arguments = ["serve", "--urls", $"http://127.0.0.1:{united.Port}", "--data", united._data, "--database=" + connection];
        united._process = UnitedProcess.Start(united._data, arguments, environment: Unlimited);
        await united._process.Ready();
        return united;
    }

    public override Task SignIn()
    {
        People = [.. People.Select(person => person with { Token = _identity.Tokens.Issue(Account(person.Id), person.Id) })];
        return Task.CompletedTask;
    }

    public override async Task<Guid[]> Found(IReadOnlyList<Person[]> members)
    {
        Guid[] ids = [.. members.Select(_ => Ids.New(TimeProvider.System))];
        var (conversations, users) = Rows(ids, members);
        await Execute("insert into conversations (id, kind, name, created_at, revision, own_revision, member_revision) select id, 2, 'A group', 0, 1, 1, 1 from unnest($1) id", ids);
        await Execute("insert into conversation_members (conversation_id, user_id, joined_at, revision) select c, u, 0, 1 from unnest($1, $2) as t (c, u)", conversations, users);
        return ids;
    }

    public override async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        _identity.Dispose();
        await _source.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    // A session has the id of its user.
    private async Task Populate()
    {
        People = [.. Enumerable.Range(0, Population).Select(_ => new Person(Ids.New(TimeProvider.System), ""))];
        Guid[] ids = [.. People.Select(person => person.Id)];
        await SignIn();
        await Execute("insert into users (id, username, display_name, role, created_at) select id, replace(id::text, '-', ''), 'Somebody', 0, 0 from unnest($1) id", ids);
        await Execute("""
            insert into sessions (id, user_id, created_at, last_used_at, expires_at, refresh_hash, refresh_rotated_at)
            select id, id, 0, 0, 9000000000000, uuid_send(id), 0 from unnest($1) id
            """, ids);
    }

    private async Task Execute(string sql, params Guid[][] columns)
    {
        await using var command = _source.CreateCommand(sql);
        foreach (var column in columns) command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = column });
        await command.ExecuteNonQueryAsync();
    }

    internal static User Account(Guid id) => new()
    {
        Id = id,
        Username = "somebody",
        DisplayName = "Somebody",
        PublicKey = "",
        Role = Role.Member,
        CreatedAt = 0,
        Settings = new UserSettings(MessagingAccess.Everyone, ReadReceipts: true, HasPassword: false),
    };
}
