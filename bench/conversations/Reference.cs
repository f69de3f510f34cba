using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using United.SocketIo.Bench;
using United.Testing;

namespace United.ConversationsBench;

/// <summary>bench/peers/node-gateway.</summary>
internal sealed class Reference : Peer
{
    private const string Secret = "the secret of a benchmark";

    private readonly NpgsqlDataSource _database;
    private readonly Process _process;

    private Reference(string mode, NpgsqlDataSource database, Process process)
    {
        (Name, _database, _process) = ("Node, " + mode, database, process);
        Port = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public override string Name { get; }

    public override int Port { get; }

    public override int ProcessId => _process.Id;

    public static async Task<Reference> Start(PostgresServer postgres, RedisProcess redis, string mode)
    {
        var connection = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabase());
        var folder = Path.Combine(Machine.Repository(), "bench", "peers", "node-gateway");
        var database = NpgsqlDataSource.Create(connection);
        await using (var schema = database.CreateCommand(await File.ReadAllTextAsync(Path.Combine(folder, "schema.sql")))) await schema.ExecuteNonQueryAsync();
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "server.mjs"), mode]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DATABASE_URL"] = $"postgres://{connection.Username}@127.0.0.1:{connection.Port}/{connection.Database}";
        start.Environment["REDIS_URL"] = $"redis://127.0.0.1:{redis.Port}";
        start.Environment["JWT_SECRET"] = Secret;
        var reference = new Reference(mode, database, Process.Start(start)!);
        await reference.Populate();
        return reference;
    }

    public override Task SignIn()
    {
        People = [.. People.Select(person => person with { Token = Token(person.Id) })];
        return Task.CompletedTask;
    }

    public override async Task<Guid[]> Found(IReadOnlyList<Person[]> members)
    {
        Guid[] ids = [.. members.Select(_ => Guid.NewGuid())];
        var (conversations, users) = Rows(ids, members);
        await Execute("insert into conversations (id) select * from unnest($1)", ids);
        await Execute("insert into participants (conversation_id, user_id) select * from unnest($1, $2)", conversations, users);
        return ids;
    }

    public override async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _database.DisposeAsync();
    }

    private async Task Populate()
    {
        People = [.. Enumerable.Range(0, Population).Select(_ => new Person(Guid.NewGuid(), ""))];
        await SignIn();
        await Execute("insert into users (id, name) select id, 'somebody' from unnest($1) id", [.. People.Select(person => person.Id)]);
    }

    private async Task Execute(string sql, params Guid[][] columns)
    {
        await using var command = _database.CreateCommand(sql);
        foreach (var column in columns) command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = column });
        await command.ExecuteNonQueryAsync();
    }

    private static string Token(Guid userId)
    {
        var signed = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"sub":"{{userId}}"}"""));
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes(signed)));
    }
}
