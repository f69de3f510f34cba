using System.Buffers;
using System.Security.Cryptography;

namespace United.Core.Media;

/// <summary>An upload that was received and is nothing yet: its bytes are on the disk, and go with this unless they are kept.</summary>
public sealed class IncomingFile : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly FileStream _file;

    private IncomingFile(FileStream file) => _file = file;

    internal byte[] Hash { get; private set; } = [];

    internal long Size { get; private set; }

    internal string Path => _file.Name;

    internal Stream Content => _file;

    /// <summary>Reads to the end of the body, never more than a buffer at a time in memory.</summary>
    /// <exception cref="IOException">The body broke off. Nothing is left of it.</exception>
    internal static async Task<Result<IncomingFile>> Receive(MediaFolder folder, Stream body, long mostBytes, CancellationToken ct)
    {
        if (folder.CreateIncoming() is not { } file) return Fault.Unavailable;
        var incoming = new IncomingFile(file);
        try
        {
            if (await incoming.Fill(body, mostBytes, ct) is not { } refusal) return incoming;
            await incoming.DisposeAsync();
            return refusal;
        }
        catch
        {
            await incoming.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        MediaFolder.Delete(_file.Name);
    }

    private async Task<Refusal?> Fill(Stream body, long mostBytes, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = await body.ReadAsync(buffer, ct)) > 0;)
            {
                Size += read;
                if (Size > mostBytes) return new Refusal(Fault.TooLarge, "file", $"A file may have {mostBytes} bytes.");
                hash.AppendData(buffer, 0, read);
                if (!await TryWrite(buffer.AsMemory(0, read), ct)) return new Refusal(Fault.Unavailable);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        if (Size == 0) return Refusal.Invalid("file", "is empty");
        Hash = hash.GetHashAndReset();
        return TryFlush() ? null : new Refusal(Fault.Unavailable);
    }

    // The disk is full, and only uploads are refused for it. What the body throws is another matter.
    private async Task<bool> TryWrite(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await _file.WriteAsync(bytes, ct);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool TryFlush()
    {
        try
        {
            _file.Flush(flushToDisk: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
