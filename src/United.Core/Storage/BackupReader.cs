using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace United.Core.Storage;

/// <summary>Reads the file of a backup from front to back. <see cref="Check"/> comes first, so that no damage is found half-way through a restore.</summary>
internal sealed class BackupReader(string path)
{
    // Ours have one mebibyte and a row. What is far beyond was not written by us, and must not fill the memory.
    private const int MostEntryBytes = 64 * 1024 * 1024;
    private const string Damaged = "The file is damaged or not complete";

    /// <summary>Every entry is there and as it was written, every row fits its columns.</summary>
    /// <returns>The number of the schema that it was made with.</returns>
    /// <exception cref="BackupException">It is not so.</exception>
    public int Check(int newestSchema)
    {
        var found = new StringBuilder();
        string? checksums = null;
        var header = "";
        foreach (var entry in Entries())
        {
            if (checksums is not null) throw new BackupException($"{Damaged}: something follows the checksums.");
            if (FileOf(entry.Name) is { } file)
            {
                CheckFile(entry, file);
                found.Append(file).Append("  ").Append(entry.Name).Append('\n');
                continue;
            }
            var content = Content(entry);
            if (entry.Name == Backup.ChecksumsName) checksums = Encoding.UTF8.GetString(content);
            else found.Append(Convert.ToHexStringLower(SHA256.HashData(content))).Append("  ").Append(entry.Name).Append('\n');
            if (entry.Name == Backup.HeaderName) header = Encoding.UTF8.GetString(content);
            else if (TableOf(entry.Name) is { } table) CheckRows(new RowReader(table, content));
        }
        if (header.Length == 0) throw new BackupException("This is not a backup of United.");
        if (checksums != found.ToString()) throw new BackupException($"{Damaged}: the checksums do not match.");
        return CheckHeader(header, newestSchema);
    }

    /// <summary>All chunks of all tables, in the order in which they were written.</summary>
    public IEnumerable<RowReader> Chunks()
    {
        foreach (var entry in Entries())
        {
            if (TableOf(entry.Name) is { } table) yield return new RowReader(table, Content(entry));
        }
    }

    /// <summary>The files that the rows need, each good until the next is asked for.</summary>
    public IEnumerable<(string Name, Stream Content)> Files()
    {
        foreach (var entry in Entries())
        {
            if (FileOf(entry.Name) is { } file) yield return (file, entry.DataStream ?? Stream.Null);
        }
    }

    private static int CheckHeader(string header, int newestSchema)
    {
        var lines = header.Split('\n');
        if (Number(lines, "format ") is not Backup.Format || Number(lines, "schema ") is not { } schema || schema > newestSchema)
            throw new BackupException("The backup was made by a newer version of United. Restore it with that version.");
        return schema;
    }

    private static int? Number(string[] lines, string name) =>
        Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
        && int.TryParse(line.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void CheckRows(RowReader rows)
    {
        while (rows.Next() is not null)
        {
        }
    }

    private static string? TableOf(string name) =>
        name.Split('/') is ["tables", var table, _] ? RowReader.IsName(table) ? table : throw new BackupException($"{Damaged}: {name} names no table.") : null;

    /// <returns>The SHA-256 by which the file is known; null: it is none.</returns>
    private static string? FileOf(string name)
    {
        if (!name.StartsWith(Backup.FilesFolder, StringComparison.Ordinal)) return null;
        var hash = name[Backup.FilesFolder.Length..];
        return hash.Length == 2 * SHA256.HashSizeInBytes && hash.All(char.IsAsciiHexDigitLower) ? hash : throw new BackupException($"{Damaged}: {name} is no name of a file.");
    }

    private static void CheckFile(TarEntry entry, string hash)
    {
        if (Guarded(() => Convert.ToHexStringLower(SHA256.HashData(entry.DataStream ?? Stream.Null))) != hash) throw new BackupException($"{Damaged}: {entry.Name} is not what it was.");
    }

    private IEnumerable<TarEntry> Entries()
    {
        using var file = File.OpenRead(path);
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        while (Guarded(() => Next(tar)) is { } entry) yield return entry;
    }

    private static TarEntry? Next(TarReader tar) => tar.GetNextEntry() switch
    {
        null => null,
        { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile } entry => entry,
        _ => throw new InvalidDataException(),
    };

    private static byte[] Content(TarEntry entry) => Guarded(() =>
    {
        if (entry.Length > MostEntryBytes) throw new InvalidDataException();
        var content = new byte[entry.Length];
        entry.DataStream?.ReadExactly(content);
        return content;
    });

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw new BackupException($"{Damaged}, or it is not a backup.", e);
        }
    }
}
