using Npgsql;
using United.Core.Storage;

namespace United.Testing;

/// <summary>An empty, migrated database for one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    // Copying the files of a migrated database costs less than running every script once more.
    private static readonly Lazy<Task<string>> Migrated = new(Migrate);

    private readonly string _directory;

    private TestDatabase(Database database, string directory, string connection) =>
        (Database, _directory, Connection) = (database, directory, connection);

    public Database Database { get; }

    /// <summary>The file of a SQLite database, or the connection string of a PostgreSQL one.</summary>
    public string Connection { get; }

    /// <summary>The PostgreSQL that all tests of this process share; started when first asked for.</summary>
    public static Task<PostgresServer> SharedPostgres => Testing.SharedPostgres.Server;

    /// <param name="locale">Of a PostgreSQL database that sorts and folds by a language, as ICU names it; null: it goes by bytes.</param>
    public static async Task<TestDatabase> Create(Engine engine, bool migrate = true, string? locale = null)
    {
        var directory = Directory.CreateTempSubdirectory("united-test-").FullName;
        var connection = engine == Engine.Sqlite ? Path.Combine(directory, "united.db")
            : locale is null ? await (await SharedPostgres).CreateDatabase(migrate ? await Migrated.Value : null)
            : await (await SharedPostgres).CreateDatabaseOf(locale);
        var test = new TestDatabase(Open(engine, connection), directory, connection);
        if (migrate) await Migrations.Apply(test.Database, TimeProvider.System);
        return test;
    }

    /// <summary>A second opening of the same database: another node (PostgreSQL) or another process's view (SQLite).</summary>
    public Database OpenAgain() => Open(Database.Engine, Connection);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (Database.Engine == Engine.Postgres) await (await SharedPostgres).DropDatabase(Connection);
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<string> Migrate()
    {
        var connection = await (await SharedPostgres).CreateDatabase();
        await using var database = PostgresDatabase.Open(connection);
        await Migrations.Apply(database, TimeProvider.System);
        return new NpgsqlConnectionStringBuilder(connection).Database!;
    }

    private static Database Open(Engine engine, string connection) =>
        engine == Engine.Sqlite ? SqliteDatabase.Open(connection) : PostgresDatabase.Open(connection);
}
