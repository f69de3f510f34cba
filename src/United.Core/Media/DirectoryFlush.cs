using System.Runtime.InteropServices;

namespace United.Core.Media;

/// <summary>Makes the names in a directory survive a power cut, as flushing a file does its bytes. .NET opens no directories, so the system is asked.</summary>
internal static partial class DirectoryFlush
{
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows()) return; // its file systems write names down by themselves
        var opened = Open(directory, flags: 0);
        if (opened < 0 || FSync(opened) != 0 | Close(opened) != 0) throw new IOException($"{directory} could not be written through (error {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
