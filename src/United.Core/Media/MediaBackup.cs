using United.Core.Storage;

namespace United.Core.Media;

/// <summary>The files of uploads, as a backup takes them along and a restore brings them back.</summary>
public static class MediaBackup
{
    public static BackupFiles Of(MediaFolder folder) => new(
        sql => sql.All("select distinct sha256 from media", row => Convert.ToHexStringLower(row.Bytes(0))),
        name => folder.Open(Convert.FromHexString(name)),
        (name, content, ct) => Keep(folder, name, content, ct));

    private static async Task Keep(MediaFolder folder, string name, Stream content, CancellationToken ct)
    {
        var received = await IncomingFile.Receive(folder, content, long.MaxValue, ct);
        if (!received.TryGet(out var file, out _)) throw new IOException("The files of uploads could not be written. Is the disk full?");
        await using (file)
        {
            if (Convert.ToHexStringLower(file.Hash) != name) throw new BackupException($"The file {name} is damaged.");
            folder.Place(file.Path, file.Hash);
        }
    }
}
