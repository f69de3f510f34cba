using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace United.Core.Storage;

/// <summary>Reads the file of a backup from front to back. <see cref="Check"/> is done first: then nothing in it comes as a surprise.</summary>
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
        foreach (var (name, content) in Entries())
        {
            if (checksums is not null) throw new BackupException($"{Damaged}: something follows the checksums.");
            if (name == Backup.ChecksumsName) checksums = Encoding.UTF8.GetString(content);
            else found.Append(Convert.ToHexStringLower(SHA256.HashData(content))).Append("  ").Append(name).Append('\n');
            if (name == Backup.HeaderName) header = Encoding.UTF8.GetString(content);
            else if (TableOf(name) is { } table) CheckRows(new RowReader(table, content));
        }
        if (header.Length == 0) throw new BackupException("This is not a backup of United.");
        if (checksums != found.ToString()) throw new BackupException($"{Damaged}: the checksums do not match.");
        return CheckHeader(header, newestSchema);
    }

    /// <summary>All chunks of all tables, in the order in which they were written.</summary>
    public IEnumerable<RowReader> Chunks()
    {
        foreach (var (name, content) in Entries())
        {
            if (TableOf(name) is { } table) yield return new RowReader(table, content);
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

    private IEnumerable<(string Name, byte[] Content)> Entries()
    {
        using var file = File.OpenRead(path);
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        while (Guarded(() => Read(tar)) is { } entry) yield return entry;
    }

    private static (string Name, byte[] Content)? Read(TarReader tar)
    {
        if (tar.GetNextEntry() is not { } entry) return null;
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.Length > MostEntryBytes) throw new InvalidDataException();
        var content = new byte[entry.Length];
        entry.DataStream?.ReadExactly(content);
        return (entry.Name, content);
    }

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
