using United.Core.Storage;

namespace United.Testing;

/// <summary>An empty, migrated database for one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _directory;

    private TestDatabase(Database database, string directory, string connection) =>
        (Database, _directory, Connection) = (database, directory, connection);

    public Database Database { get; }

    /// <summary>The file of a SQLite database, or the connection string of a PostgreSQL one.</summary>
    public string Connection { get; }

    /// <summary>The PostgreSQL that all tests of this process share; started when first asked for.</summary>
    public static Task<PostgresServer> SharedPostgres => Testing.SharedPostgres.Server;

    public static async Task<TestDatabase> Create(Engine engine, bool migrate = true)
    {
        var directory = Directory.CreateTempSubdirectory("united-test-").FullName;
        var connection = engine == Engine.Sqlite ? Path.Combine(directory, "united.db") : await (await SharedPostgres).CreateDatabase();
        var test = new TestDatabase(Open(engine, connection), directory, connection);
        if (migrate) await Migrations.Apply(test.Database, TimeProvider.System);
        return test;
    }

    /// <summary>A second opening of the same database: another node (PostgreSQL) or another process's view (SQLite).</summary>
    public Database OpenAgain() => Open(Database.Engine, Connection);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static Database Open(Engine engine, string connection) =>
        engine == Engine.Sqlite ? SqliteDatabase.Open(connection) : PostgresDatabase.Open(connection);
}
