using System.Security.Cryptography;

namespace United.Core.Media;

/// <summary>
/// The files of uploads, each under the SHA-256 of its bytes: <c>ab/cd/abcd…</c>. What is being received lies in <c>incoming</c>. Nothing here decides
/// whether a file is needed: the rows do, under <see cref="MediaLock"/>.
/// </summary>
public sealed class MediaFolder
{
    // Longer than any upload rests between two writes: Kestrel cuts one that does.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly string _root;
    private readonly string _incoming;

    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It can't be made.</exception>
    public MediaFolder(string root)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _incoming = Path.Combine(_root, "incoming");
        MakePrivate(_root);
        MakePrivate(_incoming);
    }

    /// <returns>Null where there is no such file.</returns>
    public FileStream? Open(byte[] hash)
    {
        try
        {
            return new FileStream(PathOf(hash), new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, Options = FileOptions.Asynchronous });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    internal string PathOf(byte[] hash)
    {
        var name = Convert.ToHexStringLower(hash);
        return Path.Combine(_root, name[..2], name[2..4], name);
    }

    /// <returns>Null where nothing can be written.</returns>
    internal FileStream? CreateIncoming()
    {
        var path = Path.Combine(_incoming, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The incoming file becomes the one of its hash, for good: its bytes have been flushed, and now its name is. One that is there is the same.</summary>
    internal void Place(string incoming, byte[] hash)
    {
        var path = PathOf(hash);
        var folder = Path.GetDirectoryName(path)!;
        var isNew = !Directory.Exists(folder);
        MakePrivate(folder);
        File.Move(incoming, path, overwrite: true);
        DirectoryFlush.Flush(folder);
        if (!isNew) return;
        DirectoryFlush.Flush(Path.GetDirectoryName(folder)!);
        DirectoryFlush.Flush(_root);
    }

    internal void Remove(byte[] hash) => Delete(PathOf(hash));

    internal static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // as gone as it can be
        }
    }

    /// <summary>Of the files whose hash begins with this byte.</summary>
    internal IEnumerable<byte[]> Hashes(byte first)
    {
        var folder = new DirectoryInfo(Path.Combine(_root, Convert.ToHexStringLower([first])));
        if (!folder.Exists) yield break;
        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.Name.Length == 2 * SHA256.HashSizeInBytes && file.Name.All(char.IsAsciiHexDigitLower)) yield return Convert.FromHexString(file.Name);
        }
    }

    /// <summary>What a process that died has left of uploads.</summary>
    internal void RemoveAbandoned(DateTimeOffset now)
    {
        foreach (var file in new DirectoryInfo(_incoming).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc < now - Abandoned) file.Delete();
        }
    }

    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
