using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace United.Core.Storage;

/// <summary>The file of a backup while it is being written: entries one after the other, their checksums at the end.</summary>
internal sealed class BackupWriter(Stream destination, TimeProvider time) : IAsyncDisposable
{
    private readonly TarWriter _tar = new(new GZipStream(destination, CompressionLevel.Fastest, leaveOpen: true), TarEntryFormat.Ustar);
    private readonly StringBuilder _checksums = new();

    public async Task Add(string name, byte[] content)
    {
        _checksums.Append(Convert.ToHexStringLower(SHA256.HashData(content))).Append("  ").Append(name).Append('\n');
        await WriteEntry(name, content);
    }

    public Task Finish() => WriteEntry(Backup.ChecksumsName, Encoding.UTF8.GetBytes(_checksums.ToString()));

    public ValueTask DisposeAsync() => _tar.DisposeAsync();

    private async Task WriteEntry(string name, byte[] content)
    {
        using var data = new MemoryStream(content);
        await _tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = data,
            ModificationTime = time.GetUtcNow(),
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }
}
