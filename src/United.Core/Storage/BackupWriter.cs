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
        using var data = new MemoryStream(content);
        await Add(name, Convert.ToHexStringLower(SHA256.HashData(content)), data);
    }

    /// <param name="hash">Of the content, lower-case hex.</param>
    /// <param name="content">Knows its length.</param>
    public Task Add(string name, string hash, Stream content)
    {
        _checksums.Append(hash).Append("  ").Append(name).Append('\n');
        return WriteEntry(name, content);
    }

    public async Task Finish()
    {
        using var data = new MemoryStream(Encoding.UTF8.GetBytes(_checksums.ToString()));
        await WriteEntry(Backup.ChecksumsName, data);
    }

    public ValueTask DisposeAsync() => _tar.DisposeAsync();

    private Task WriteEntry(string name, Stream content) => _tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = content,
        ModificationTime = time.GetUtcNow(),
        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
