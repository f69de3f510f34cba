namespace United.Core.Storage;

/// <summary>
/// Makes a database out of a backup, of either kind, in one transaction: the schema as it was then, the rows, and then what has
/// been added to the schema since. Nobody may work on the database meanwhile (<see cref="ProcessLock"/>).
/// </summary>
public static class Restore
{
    /// <param name="replace">What is there goes. Without, a database that has users is refused.</param>
    /// <param name="finish">The last step, in the same transaction.</param>
    /// <param name="files">Where the files go, before the rows that need them: if the rows fail, files that no row needs are collected later.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="BackupException">The file is damaged or too new, or there is something already. Nothing was changed.</exception>
    public static async Task<long> Into(
        Database database, string path, bool replace, TimeProvider time, Func<Sql, Task> finish, BackupFiles? files = null, CancellationToken ct = default)
    {
        var backup = new BackupReader(path);
        var schema = backup.Check(Migrations.Known[^1].Number);
        if (!replace && await database.Read(HasUsers, ct)) throw new BackupException("There is a community in this database already. Restore into an empty one, or replace it with --force.");
        if (files is not null)
        {
            foreach (var (name, content) in backup.Files()) await files.Keep(name, content, ct);
        }
        return await database.Write(async sql =>
        {
            await sql.LiftTimeLimits();
            await Catalog.DropAll(sql);
            await Migrations.Apply(sql, time, upTo: schema);
            var rows = await Load(sql, backup, ct);
            await Migrations.Apply(sql, time);
            await finish(sql);
            return rows;
        }, ct);
    }

    private static async Task<long> Load(Sql sql, BackupReader backup, CancellationToken ct)
    {
        var rows = 0L;
        await Empty(sql);
        var tables = (await Catalog.Tables(sql)).ToDictionary(table => table.Name);
        foreach (var chunk in backup.Chunks())
        {
            ct.ThrowIfCancellationRequested();
            if (tables.GetValueOrDefault(chunk.Table.Name)?.HeaderLine != chunk.Table.HeaderLine)
                throw new BackupException($"The backup's table {chunk.Table.Name} is not the one of its schema.");
            rows += await RowCopy.Into(sql, chunk);
        }
        return rows;
    }

    // Scripts may have put first rows (a channel that everybody has): the backup has them as they became.
    private static async Task Empty(Sql sql)
    {
        var tables = await Catalog.Tables(sql);
        tables.Reverse();
        foreach (var table in tables.Where(Catalog.IsKept)) await sql.Execute($"delete from {table.Name}");
    }

    private static async Task<bool> HasUsers(Sql sql) =>
        (await Catalog.Tables(sql)).Exists(table => table.Name == "users") && await sql.Exists("select 1 from users");
}
