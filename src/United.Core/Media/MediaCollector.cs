using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using United.Core.Storage;

namespace United.Core.Media;

/// <summary>
/// Removes what nothing holds: uploads that nobody used within a day, and at once whatever a deleted message let go. First the row is committed
/// away, then the file goes unless another row needs it; a crash between the two leaves a file that <see cref="Tidy"/> finds. All nodes may do
/// it at once.
/// </summary>
public sealed partial class MediaCollector(Database database, MediaFolder folder, TimeProvider time, ILogger<MediaCollector> logger)
{
    private const int MostRows = 200;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something may have been let go. Returns at once.</summary>
    public void Ring() => _bell.Writer.TryWrite(true);

    /// <summary>Collects whenever it is rung, until it is stopped.</summary>
    public async Task Run(CancellationToken stop)
    {
        Ring();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _bell.Reader.ReadAsync(stop);
                await Collect(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Failed(e);
                await Task.Delay(AfterFailure, time, CancellationToken.None);
                Ring();
            }
        }
    }

    /// <summary>The hourly round: what is due, files that no row needs, and what is left of uploads that broke off with their process.</summary>
    public async Task Tidy(CancellationToken ct = default)
    {
        await Collect(ct);
        for (var first = 0; first <= byte.MaxValue; first++) await RemoveUnneeded((byte)first, ct);
        folder.RemoveAbandoned(time.GetUtcNow());
    }

    internal async Task Collect(CancellationToken ct = default)
    {
        while (await database.Read(sql => sql.Exists("select 1 from media where collect_at <= @now limit 1", ("now", Now)), ct))
        {
            var due = await database.Write(sql => Take(sql, Now), ct);
            foreach (var hash in due.Removed.DistinctBy(Convert.ToHexString)) await Remove(hash, ct);
            if (due.Seen == 0) return; // somebody is just deciding about the rest
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Whoever is about to hold one has a lock of its row, and is passed by.
    private static async Task<(int Seen, IReadOnlyList<byte[]> Removed)> Take(Sql sql, long now)
    {
        var due = await sql.All(
            $"select id, sha256, thumbnail_id from media where collect_at <= @now order by collect_at limit {MostRows}" + (sql.IsPostgres ? " for update skip locked" : ""),
            row => (Id: row.Uuid(0), Hash: row.Bytes(1), Thumbnail: row.UuidOrNull(2)), ("now", now));
        var held = await Held(sql, [.. due.Select(media => media.Id)]);
        var free = due.Where(media => !held.Contains(media.Id)).ToList();
        await sql.Execute("update media set collect_at = null where id = any(@ids)", ("ids", held.ToArray()));
        await sql.Execute("delete from media where id = any(@ids)", ("ids", free.Select(media => media.Id).ToArray()));
        await sql.Execute("update media set collect_at = 0 where id = any(@ids)", ("ids", free.Select(media => media.Thumbnail).OfType<Guid>().Distinct().ToArray()));
        return (due.Count, free.ConvertAll(media => media.Hash));
    }

    // A later statement than the lock: it sees whatever came to hold one before.
    private static async Task<HashSet<Guid>> Held(Sql sql, Guid[] ids) => [.. await sql.All(
        """
        select d.id from media d where d.id = any(@ids) and (
            exists (select 1 from message_media m where m.media_id = d.id)
            or exists (select 1 from users u where u.avatar_media_id = d.id)
            or exists (select 1 from conversations c where c.avatar_media_id = d.id and c.deleted_at is null)
            or exists (select 1 from media p where p.thumbnail_id = d.id))
        """, row => row.Uuid(0), ("ids", ids))];

    private async Task RemoveUnneeded(byte first, CancellationToken ct)
    {
        var files = folder.Hashes(first).ToDictionary(Convert.ToHexString);
        if (files.Count == 0) return;
        await database.Read(async sql =>
        {
            await sql.Each("select sha256 from media where sha256 >= @from and (@last or sha256 < @to)", row =>
            {
                files.Remove(Convert.ToHexString(row.Bytes(0)));
                return default;
            }, ("from", new[] { first }), ("last", first == byte.MaxValue), ("to", new[] { (byte)(first + 1) }));
            return default(Done);
        }, ct);
        foreach (var hash in files.Values) await Remove(hash, ct);
    }

    // Unlinking again, if the transaction begins again, changes nothing.
    private Task Remove(byte[] hash, CancellationToken ct) => database.Write(async sql =>
    {
        await MediaLock.Take(sql, hash);
        if (!await sql.Exists("select 1 from media where sha256 = @hash", ("hash", hash))) folder.Remove(hash);
    }, ct);

    [LoggerMessage(51, LogLevel.Warning, "What uploads have left could not be collected; it is tried again")]
    private partial void Failed(Exception exception);
}
