using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace United.Core.Storage;

/// <summary>
/// The schema's numbered scripts, applied in a transaction under a lock, each with a checksum. A script's first line may say
/// <c>-- runs_from N</c>: programs that know only scripts below N must not run on it. Without it older programs may.
/// </summary>
public static class Migrations
{
    // Any number, the same in every version: whoever migrates waits for whoever migrates.
    private const long AdvisoryLock = 0x756E69746564;

    public static IReadOnlyList<Migration> Known { get; } = Load();

    /// <returns>The numbers that were applied now.</returns>
    /// <exception cref="SchemaException">The database is newer than the program, or a script was changed after it ran.</exception>
    public static Task<List<int>> Apply(Database database, TimeProvider time, CancellationToken ct = default) =>
        database.Write(sql => Apply(sql, time), ct);

    /// <summary>The same, in the caller's transaction.</summary>
    /// <param name="upTo">The last script to run.</param>
    internal static async Task<List<int>> Apply(Sql sql, TimeProvider time, int upTo = int.MaxValue)
    {
        if (sql.IsPostgres) await sql.Execute("select pg_advisory_xact_lock(@key)", ("key", AdvisoryLock));
        await sql.LiftTimeLimits();
        await sql.Execute("""
            create table if not exists schema_migrations (
                number integer primary key, name text not null, checksum text not null, runs_from integer not null, applied_at bigint not null)
            """);
        var applied = await sql.All("select number, checksum, runs_from from schema_migrations order by number",
            row => (Number: row.Int32(0), Checksum: row.Text(1), RunsFrom: row.Int32(2)));
        Check(applied);
        var missing = Known.Where(known => known.Number <= upTo && applied.All(row => row.Number != known.Number)).ToList();
        foreach (var migration in missing) await Apply(sql, migration, time);
        return missing.ConvertAll(migration => migration.Number);
    }

    /// <summary>The number of the last script that ran on a database.</summary>
    internal static Task<int> Newest(Sql sql) => sql.One("select max(number) from schema_migrations", row => row.Int32(0));

    internal static string TextFor(string script, Engine engine) => script
        .Replace(engine == Engine.Postgres ? "--pg:" : "--sqlite:", "", StringComparison.Ordinal);

    private static void Check(List<(int Number, string Checksum, int RunsFrom)> applied)
    {
        var newest = Known[^1].Number;
        if (applied.Find(row => row.RunsFrom > newest) is { Number: > 0 } newer)
            throw new SchemaException($"The database has been changed by a newer version (script {newer.Number}). Use that version, or restore a backup.");
        var changed = applied.Find(row => Known.Any(known => known.Number == row.Number && known.Checksum != row.Checksum));
        if (changed.Number > 0) throw new SchemaException($"Script {changed.Number} is not the one that made this database.");
    }

    private static async Task Apply(Sql sql, Migration migration, TimeProvider time)
    {
        foreach (var statement in Statements(TextFor(migration.Script, sql.Engine))) await sql.Execute(statement);
        await sql.Execute("insert into schema_migrations (number, name, checksum, runs_from, applied_at) values (@number, @name, @checksum, @from, @at)",
            ("number", migration.Number), ("name", migration.Name), ("checksum", migration.Checksum), ("from", migration.RunsFrom),
            ("at", time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    // A statement ends with a semicolon at the end of its line. No script needs more.
    private static IEnumerable<string> Statements(string script) => script
        .Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(text => text.TrimEnd(';'))
        .Where(text => text.Split('\n').Any(line => line.Trim() is { Length: > 0 } code && !code.StartsWith("--", StringComparison.Ordinal)));

    private static List<Migration> Load()
    {
        const string Folder = "United.Core.Storage.Migrations.";
        var assembly = typeof(Migrations).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => Read(assembly, name, name[Folder.Length..]))];
    }

    private static Migration Read(Assembly assembly, string resource, string file)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        var script = reader.ReadToEnd().ReplaceLineEndings("\n");
        var number = int.Parse(file[..4], CultureInfo.InvariantCulture);
        const string Mark = "-- runs_from ";
        var runsFrom = script.StartsWith(Mark, StringComparison.Ordinal) ? int.Parse(script[Mark.Length..script.IndexOf('\n', StringComparison.Ordinal)], CultureInfo.InvariantCulture) : 1;
        return new Migration(number, file[5..^4], script, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script))), runsFrom);
    }
}

public sealed record Migration(int Number, string Name, string Script, string Checksum, int RunsFrom);

/// <summary>The database's schema and the program do not fit. The program must not start.</summary>
public sealed class SchemaException(string message) : Exception(message);
