using System.Globalization;
using System.Security.Cryptography;

namespace United.Core.Storage;

/// <summary>
/// Everything that a server knows, in one file that either database can be made from. It is read in one snapshot while the server
/// goes on, and never held in memory.
/// </summary>
/// <remarks>
/// A gzipped tar, so that ordinary tools open it:
/// <code>
/// united-backup.txt          format 1, the number of the schema, when and from what it was made
/// tables/users/000001.tsv    first line: names and types of the columns; then a row a line, as PostgreSQL's COPY writes text
/// media/ab12...              uploaded files, each under its own SHA-256
/// checksums.txt              last: SHA-256 of every entry, as sha256sum writes and checks them
/// </code>
/// </remarks>
public static class Backup
{
    internal const int Format = 1;
    internal const string HeaderName = "united-backup.txt";
    internal const string ChecksumsName = "checksums.txt";
    internal const string FilesFolder = "media/";

    // A chunk is built in memory, because a tar entry says its length before its content.
    private const int ChunkBytes = 1024 * 1024;

    /// <summary>
    /// The rows of one snapshot, and then the files that they need. A file that is taken away between the two is missing from the backup: what held it
    /// was deleted meanwhile.
    /// </summary>
    /// <param name="program">Name and version, for whoever looks into the file.</param>
    /// <exception cref="BackupException">The database is an empty one.</exception>
    /// <exception cref="DatabaseUnavailableException">The database can't be reached.</exception>
    public static async Task<BackupReport> Write(
        Database database, Stream destination, string program, TimeProvider time, BackupFiles? files = null, CancellationToken ct = default)
    {
        await using var archive = new BackupWriter(destination, time);
        var (report, names) = await database.Snapshot(async sql =>
        {
            await sql.LiftTimeLimits();
            var tables = await Catalog.Tables(sql);
            if (tables.All(table => table.Name != "schema_migrations")) throw new BackupException("There is nothing to back up: no server has used this database yet.");
            await archive.Add(HeaderName, Header(await Migrations.Newest(sql), program, sql.Engine, time));
            var rows = 0L;
            foreach (var table in tables.Where(Catalog.IsKept)) rows += await Write(sql, table, archive, ct);
            return (new BackupReport(rows, 0, 0, await Migrations.Newest(sql)), files is null ? [] : await files.Names(sql));
        }, ct);
        var missing = new List<string>();
        foreach (var name in names)
            if (!await Write(files!, name, archive, ct)) missing.Add(name);
        await archive.Finish();
        return report with { Files = names.Count - missing.Count, Lost = missing.Count == 0 ? 0 : await StillNeeded(database, files!, missing, ct) };
    }

    // What was deleted while the backup was written is no loss.
    private static async Task<int> StillNeeded(Database database, BackupFiles files, List<string> missing, CancellationToken ct) =>
        missing.Intersect(await database.Read(files.Names, ct)).Count();

    private static async Task<bool> Write(BackupFiles files, string name, BackupWriter archive, CancellationToken ct)
    {
        await using var file = files.Open(name);
        // One that the disk has spoilt would spoil the backup: a restore believes none of it then.
        if (file is null || Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct)) != name) return false;
        file.Position = 0;
        await archive.Add(FilesFolder + name, name, file);
        return true;
    }

    private static async Task<long> Write(Sql sql, Table table, BackupWriter archive, CancellationToken ct)
    {
        var (number, rows) = (0, 0L);
        using var chunk = new RowWriter(table);
        await sql.Each($"select {table.ColumnNames} from {table.Name}", async row =>
        {
            ct.ThrowIfCancellationRequested();
            chunk.Add(row);
            rows++;
            if (chunk.Length >= ChunkBytes) await archive.Add(NameOf(table, ++number), chunk.Take());
        });
        if (chunk.Length > 0 || number == 0) await archive.Add(NameOf(table, ++number), chunk.Take());
        return rows;
    }

    private static string NameOf(Table table, int number) => $"tables/{table.Name}/{number.ToString("000000", CultureInfo.InvariantCulture)}.tsv";

    private static byte[] Header(int schema, string program, Engine engine, TimeProvider time) => System.Text.Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"format {Format}\nschema {schema}\nmade-at {time.GetUtcNow():O}\nprogram {program}\nengine {engine}\n"));
}

/// <param name="Files">Uploaded files that it holds.</param>
/// <param name="Lost">Uploaded files that rows speak of, but that are not in their folder, or are damaged.</param>
/// <param name="Schema">Number of the newest migration that it was made with.</param>
public sealed record BackupReport(long Rows, int Files, int Lost, int Schema);

/// <summary>There is nothing to back up; or the file is no backup, is damaged, or was made by a newer version.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
