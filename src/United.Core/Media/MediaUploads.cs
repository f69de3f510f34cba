using Microsoft.Extensions.Logging;
using United.Core.Media.Kinds;
using United.Core.Storage;

namespace United.Core.Media;

/// <summary>
/// Takes files in: admitted before a byte is read, received to the disk, then kept as a row of their uploader. Until something holds them, they
/// have a day.
/// </summary>
public sealed partial class MediaUploads(Database database, MediaFolder folder, MediaOptions options, TimeProvider time, ILogger<MediaUploads> logger)
{
    public const int WaveformBytes = 64;

    /// <summary>Pixels of an image: what a reader's program makes room for when it opens it.</summary>
    public const long MostPixels = 40_000_000;

    internal static readonly TimeSpan UnheldFor = TimeSpan.FromHours(24);

    private const int MostSide = 65_535;
    private const long MostDuration = 24 * 60 * 60 * 1000;

    /// <summary>A file was kept: its bytes.</summary>
    public event Action<long>? Kept;

    /// <summary>A file was refused.</summary>
    public event Action<Fault>? Refused;

    public long MostBytes => options.MostBytes;

    /// <summary>Whether it is worth receiving: refuses what could not be kept.</summary>
    /// <param name="announced">Bytes of the file at least, where they are known.</param>
    public async Task<Result<Done>> Admit(Caller caller, long announced, CancellationToken ct = default)
    {
        if (announced > options.MostBytes) return Told(TooLarge());
        var used = await database.Read(sql => Used(sql, caller.UserId), ct);
        return used + announced > options.QuotaBytes ? Told(OverQuota()) : default(Done);
    }

    /// <summary>Receives a file to the disk. It is nobody's until it is kept.</summary>
    /// <exception cref="IOException">The body broke off. Nothing is left of it.</exception>
    public async Task<Result<IncomingFile>> Receive(Stream body, CancellationToken ct = default)
    {
        var received = await IncomingFile.Receive(folder, body, options.MostBytes, ct);
        if (received.Refusal is { } refusal) Told(refusal);
        if (received.Refusal?.Fault == Fault.Unavailable) CannotWrite(null);
        return received;
    }

    public async Task<Result<MessageMedia>> Keep(Caller caller, IncomingFile file, DescribeMedia said, CancellationToken ct = default)
    {
        if (Refuse(said) is { } wrong) return Told(wrong);
        var kind = FileKind.Of(file.Content);
        if (kind.Type == MediaType.Image && (long)kind.Width! * kind.Height! > MostPixels) return Told(Refusal.Invalid("file", $"has more than {MostPixels} pixels"));
        var media = Describe(file, kind, said);
        var kept = await TryKeep(caller, file, media, ct);
        if (kept.Refusal is { } refusal) return Told(refusal);
        Kept?.Invoke(file.Size);
        return kept;
    }

    private static Refusal? Refuse(DescribeMedia said)
    {
        if (said.Width is < 1 or > MostSide) return Refusal.Invalid("width", $"must be 1 to {MostSide}");
        if (said.Height is < 1 or > MostSide) return Refusal.Invalid("height", $"must be 1 to {MostSide}");
        if (said.Duration is < 0 or > MostDuration) return Refusal.Invalid("duration", "must be 0 to 86400 seconds");
        return said.Waveform is { Length: not WaveformBytes } ? Refusal.Invalid("waveform", $"must be {WaveformBytes} bytes") : null;
    }

    // An image's size is its header's; what the uploader says is taken where the server can't know, and only of what has it.
    private MessageMedia Describe(IncomingFile file, FileKind kind, DescribeMedia said)
    {
        var media = new MessageMedia(
            Ids.New(time), kind.Type, kind.ContentType, FileName.Clean(said.Name), file.Size, kind.Width, kind.Height, Duration: null, Waveform: null, said.ThumbnailId);
        return kind.Type switch
        {
            MediaType.Video => media with { Width = said.Width, Height = said.Height, Duration = said.Duration },
            MediaType.Voice => media with { Duration = said.Duration, Waveform = said.Waveform },
            _ => media,
        };
    }

    private async Task<Result<MessageMedia>> TryKeep(Caller caller, IncomingFile file, MessageMedia media, CancellationToken ct)
    {
        try
        {
            return await database.Write(sql => Keep(sql, caller, file, media), ct);
        }
        catch (IOException e)
        {
            CannotWrite(e);
            return Fault.Unavailable;
        }
    }

    private async Task<Result<MessageMedia>> Keep(Sql sql, Caller caller, IncomingFile file, MessageMedia media)
    {
        // The lock of the account: two uploads don't both fit into what is left, and none comes after the account's end.
        var stands = await sql.Exists(
            "select 1 from users where id = @id and suspended_at is null and deleted_at is null" + (sql.IsPostgres ? " for no key update" : ""), ("id", caller.UserId));
        if (!stands) return Fault.SessionEnded;
        if (await Used(sql, caller.UserId) + file.Size > options.QuotaBytes) return OverQuota();
        if (media.ThumbnailId is { } thumbnail && await MediaRows.Hold(sql, caller.UserId, [thumbnail]) is not [{ Type: MediaType.Image, ThumbnailId: null }])
            return Refusal.Invalid("thumbnail", "is not an image of yours");
        await Insert(sql, caller, file, media);
        await MediaLock.Take(sql, file.Hash);
        // Last: what makes a transaction begin again has happened before. Without the commit the file is one that no row needs.
        folder.Place(file.Path, file.Hash);
        return media;
    }

    private Task<int> Insert(Sql sql, Caller caller, IncomingFile file, MessageMedia media)
    {
        var now = time.GetUtcNow();
        return sql.Execute(
            """
            insert into media (id, owner_id, sha256, type, content_type, name, size, width, height, duration, waveform, thumbnail_id, created_at, collect_at)
            values (@id, @owner, @hash, @type, @content_type, @name, @size, @width, @height, @duration, @waveform, @thumbnail, @now, @collect)
            """,
            ("id", media.Id), ("owner", caller.UserId), ("hash", file.Hash), ("type", (int)media.Type), ("content_type", media.ContentType), ("name", media.Name),
            ("size", media.Size), ("width", media.Width), ("height", media.Height), ("duration", media.Duration), ("waveform", media.Waveform),
            ("thumbnail", media.ThumbnailId), ("now", now.ToUnixTimeMilliseconds()), ("collect", (now + UnheldFor).ToUnixTimeMilliseconds()));
    }

    private static Task<long> Used(Sql sql, Guid ownerId) =>
        sql.Count("select cast(coalesce(sum(size), 0) as bigint) from media where owner_id = @owner", ("owner", ownerId));

    private Refusal TooLarge() => new(Fault.TooLarge, "file", $"A file may have {options.MostBytes} bytes.");

    private Refusal OverQuota() => new(Fault.TooMany, "file", $"The files of an account may have {options.QuotaBytes} bytes together.");

    private Refusal Told(Refusal refusal)
    {
        Refused?.Invoke(refusal.Fault);
        return refusal;
    }

    [LoggerMessage(50, LogLevel.Error, "An upload could not be written: is the disk full?")]
    private partial void CannotWrite(Exception? exception);
}

/// <summary>What the uploader says of a file. Taken where the bytes don't say it.</summary>
/// <param name="Name">As it was called; cleaned of folders and of what can't be seen.</param>
/// <param name="Duration">Milliseconds.</param>
/// <param name="Waveform">64 loudnesses.</param>
/// <param name="ThumbnailId">A smaller picture, uploaded before by the same account. Whoever may see this one may see that.</param>
public sealed record DescribeMedia(string Name, int? Width = null, int? Height = null, long? Duration = null, byte[]? Waveform = null, Guid? ThumbnailId = null);
