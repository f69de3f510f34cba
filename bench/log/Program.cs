using Npgsql;
using United.Core.Storage;
using United.LogBench;
using United.Testing;

// Appends per second of the message log against the plainest way to store a message, in one run: medians of five rounds, in each
// round everything once. "quick" makes the rounds short; "postgres" or "sqlite" leaves out the other.
var time = TimeSpan.FromSeconds(args.Contains("quick") ? 0.7 : 3);
var rounds = args.Contains("quick") ? 3 : 5;
if (!args.Contains("sqlite")) await Postgres();
if (!args.Contains("postgres")) await Sqlite();

async Task Postgres()
{
    await using var server = await PostgresServer.Start(durable: true);
    await using var town = await Town.Build(PostgresDatabase.Open(await server.CreateDatabase()), people: 5_000);
    var connection = ((PostgresDatabase)town.Database).ConnectionString;
    await using var source = NpgsqlDataSource.Create(connection + ";Maximum Pool Size=64");
    var (small, large) = (await town.Private(2), await town.Private(5_000));
    var table = new Table("PostgreSQL, fsync on, synchronous_commit on", rounds);
    table.Add("INSERT, 64 connections", () => Loads.InsertPostgres(source, 64, time));
    table.Add("log, 64 callers", () => Loads.Post(town, 64, town.Open, time), against: 0, goal: 2);
    table.Add("log, 1,024 callers", () => Loads.Post(town, 1024, town.Open, time), against: 0, goal: 4);
    table.Add("log, 1,024 callers, one channel", () => Loads.Post(town, 1024, town.Open[..1], time), against: 0);
    table.Add("INSERT, 1 connection", () => Loads.InsertPostgres(source, 1, time));
    table.Add("log, 1 caller", () => Loads.Post(town, 1, town.Open, time), against: 4, goal: 0.5);
    table.Add("log, 2 callers, 2 members", () => Loads.Post(town, 2, [small], time));
    table.Add("log, 2 callers, 5,000 members", () => Loads.Post(town, 2, [large], time), against: 6, goal: 0.9);
    await table.Run();
}

async Task Sqlite()
{
    var directory = Directory.CreateTempSubdirectory("united-log-bench-").FullName;
    await using (var town = await Town.Build(SqliteDatabase.Open(Path.Combine(directory, "log.db")), people: 5_000))
    await using (var plain = await Town.Build(SqliteDatabase.Open(Path.Combine(directory, "plain.db")), people: 1))
    {
        var (small, large) = (await town.Private(2), await town.Private(5_000));
        var table = new Table("SQLite, WAL, synchronous=FULL", rounds);
        table.Add("INSERT, one a transaction", () => Task.Run(() => Loads.InsertSqlite(Path.Combine(directory, "plain.db"), time)));
        table.Add("log, 64 callers", () => Loads.Post(town, 64, town.Open, time), against: 0, goal: 3);
        table.Add("log, 1 caller", () => Loads.Post(town, 1, town.Open, time), against: 0);
        table.Add("log, 2 callers, 2 members", () => Loads.Post(town, 2, [small], time));
        table.Add("log, 2 callers, 5,000 members", () => Loads.Post(town, 2, [large], time), against: 3, goal: 0.9);
        await table.Run();
    }
    Directory.Delete(directory, recursive: true);
}
