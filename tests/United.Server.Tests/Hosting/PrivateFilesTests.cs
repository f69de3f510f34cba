using United.Testing;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class PrivateFilesTests
{
    private const UnixFileMode Owners = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybodys = Owners | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // As after a copy, or an older program. Of what is not the server's nothing is touched.
    [Fact]
    public async Task What_others_could_read_of_the_servers_files_is_closed_to_them_at_the_start_and_that_is_said_once()
    {
        if (OperatingSystem.IsWindows()) return;
        var data = Directory.CreateTempSubdirectory("united-private-").FullName;
        var (database, copy, media, notes) = (Path.Combine(data, "united.db"), Path.Combine(data, "united.db.old"), Path.Combine(data, "media"), Path.Combine(data, "notes.txt"));
        string[] arguments = ["serve", "--urls", "http://127.0.0.1:0", "--data", data];
        var first = await Said(data, arguments);
        foreach (var path in (string[])[copy, notes]) await File.WriteAllTextAsync(path, "words", TestContext.Current.CancellationToken);
        foreach (var path in (string[])[database, copy, notes]) File.SetUnixFileMode(path, Everybodys);
        File.SetUnixFileMode(media, Everybodys | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);

        var second = await Said(data, arguments);

        Assert.Equal((Owners, Owners, Owners | UnixFileMode.UserExecute, Everybodys), (Mode(database), Mode(copy), Mode(media), Mode(notes)));
        Assert.Single(second, line => line.Contains("can no longer", StringComparison.Ordinal));
        Assert.Contains(second, line => line.Contains(database, StringComparison.Ordinal) && line.Contains(copy, StringComparison.Ordinal) && line.Contains(media, StringComparison.Ordinal));
        foreach (var said in (string[][])[first, await Said(data, arguments)]) Assert.DoesNotContain(said, line => line.Contains("can no longer", StringComparison.Ordinal));
        Directory.Delete(data, recursive: true);

        static UnixFileMode Mode(string path) => File.GetUnixFileMode(path);
    }

    private static async Task<string[]> Said(string directory, string[] arguments)
    {
        await using var united = UnitedProcess.Start(directory, arguments);
        await united.Ready();
        await united.Stop();
        return (united.Output + united.Errors).Split('\n');
    }
}
