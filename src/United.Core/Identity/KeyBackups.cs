using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// The client's key material, encrypted by it: bytes that we can't read. Versions count up by one; who writes names the version
/// that they replace, so that two devices never overwrite each other unseen. The last five are kept.
/// </summary>
public sealed class KeyBackups(Database database, TimeProvider time)
{
    public const int MostBytes = 64 * 1024;
    private const int Kept = 5;

    /// <param name="version">Null: the newest.</param>
    public async Task<Result<KeyBackup>> Read(Caller caller, long? version = null, CancellationToken ct = default)
    {
        var backup = await database.Read(sql => sql.One(
            "select version, blob, created_at from key_backups where user_id = @me and (version = @version or @version = 0) order by version desc limit 1",
            row => new KeyBackup(row.Int64(0), row.Bytes(1), row.Int64(2)), ("me", caller.UserId), ("version", version ?? 0)), ct);
        return backup is null ? Fault.NotFound : backup;
    }

    /// <param name="replaces">The version that it replaces, 0 where there is none yet.</param>
    /// <returns>The new version; <see cref="Fault.PreconditionFailed"/> where another one has become the newest.</returns>
    public async Task<Result<long>> Write(Caller caller, ReadOnlyMemory<byte> blob, long replaces, CancellationToken ct = default)
    {
        if (blob.Length == 0) return Refusal.Invalid("blob", "is empty");
        if (blob.Length > MostBytes) return new Refusal(Fault.TooLarge, "blob", $"has more than {MostBytes} bytes");
        return await database.Write<Result<long>>(async sql =>
        {
            if (sql.IsPostgres) await sql.Execute("select 1 from users where id = @me for update", ("me", caller.UserId));
            var newest = await sql.Count("select coalesce(max(version), 0) from key_backups where user_id = @me", ("me", caller.UserId));
            if (newest != replaces) return Fault.PreconditionFailed;
            await sql.Execute("insert into key_backups (user_id, version, blob, created_at, session_id) values (@me, @version, @blob, @now, @session)",
                ("me", caller.UserId), ("version", newest + 1), ("blob", blob.ToArray()), ("now", time.GetUtcNow().ToUnixTimeMilliseconds()), ("session", caller.SessionId));
            await sql.Execute("delete from key_backups where user_id = @me and version <= @old", ("me", caller.UserId), ("old", newest + 1 - Kept));
            return newest + 1;
        }, ct);
    }
}

/// <param name="CreatedAt">Unix milliseconds.</param>
public sealed record KeyBackup(long Version, byte[] Blob, long CreatedAt);
