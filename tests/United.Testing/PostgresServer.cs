using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace United.Testing;

/// <summary>
/// A real PostgreSQL of our own: a fresh cluster in a temporary directory on a free loopback port, stopped by its process id.
/// Root can't run PostgreSQL, so there it runs as the user <c>postgres</c>.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int MostTries = 100;
    private const int MostWords = 10_000;

    private readonly StringBuilder _words = new();
    private readonly string _directory;
    private readonly bool _durable;
    private Process? _process;

    private PostgresServer(string directory, int port, bool durable) => (_directory, Port, _durable) = (directory, port, durable);

    public int Port { get; }

    public int ProcessId => _process?.Id ?? 0;

    public string ConnectionString(string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port};Username=united;Database={database};Maximum Pool Size=20";

    /// <param name="durable">
    /// With fsync and the files of its log, as in production: for measurements. Without, a commit still survives the death of the process (it stands in
    /// the kernel's cache), which is all that tests can take away from it.
    /// </param>
    public static async Task<PostgresServer> Start(bool durable = false)
    {
        var directory = Directory.CreateTempSubdirectory("united-postgres-").FullName;
        if (Environment.UserName == "root") await Run("chown", "postgres", directory);
        await Run(Binary("initdb"), "-D", Path.Combine(directory, "data"), "-U", "united", "-A", "trust", "-E", "UTF8", "--locale=C", durable ? "--data-checksums" : "--no-sync");
        var server = new PostgresServer(directory, LoopbackPort.Take(), durable);
        await server.Start(CancellationToken.None);
        if (durable) await server.MakeLog();
        return server;
    }

    /// <summary>Starts it again after <see cref="Kill"/>, on the same port and data.</summary>
    public async Task Start(CancellationToken ct)
    {
        // Its own patience: a cold start on a loaded machine takes seconds, recovery after a kill too.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        // Backends that were killed may hold the shared memory a moment longer than their postmaster, and a connection that ends just now its port.
        for (var tries = 1; !await TryStart(patience.Token); tries++)
        {
            if (tries == MostTries) throw new InvalidOperationException("PostgreSQL did not start: " + _words);
            await Task.Delay(200, patience.Token);
        }
    }

    /// <summary>kill -9 of the postmaster and every backend.</summary>
    public async Task Kill()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process = null;
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>A fresh database: empty, or a copy of one that nobody is connected to.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabase(string? copyOf = null) => CreateDatabaseBy($"template {copyOf ?? "template1"}");

    /// <summary>An empty database that sorts and folds by a language.</summary>
    /// <param name="locale">As ICU names it.</param>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseOf(string locale) => CreateDatabaseBy($"template template0 locale_provider icu icu_locale '{locale}'");

    /// <summary>Takes a database away, whoever is still connected to it.</summary>
    public Task DropDatabase(string connectionString) => Execute($"drop database {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");

    /// <summary>All of a database, as text.</summary>
    public static async Task<string> Dump(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        using var dump = Process.Start(new ProcessStartInfo(Binary("pg_dump"), ["--dbname", $"postgresql://{given.Username}@{given.Host}:{given.Port}/{given.Database}"])
        {
            RedirectStandardOutput = true,
        })!;
        var text = await dump.StandardOutput.ReadToEndAsync();
        await dump.WaitForExitAsync();
        return dump.ExitCode == 0 ? text : throw new InvalidOperationException("pg_dump failed.");
    }

    public async ValueTask DisposeAsync()
    {
        // At once, but by its own hand: what is killed leaves its shared memory to the machine.
        if (_process is not null)
        {
            await Run("kill", "-QUIT", ProcessId.ToString(CultureInfo.InvariantCulture));
            await _process.WaitForExitAsync();
            NpgsqlConnection.ClearAllPools();
        }
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>
    /// The files of its log, 768 MiB. A server that has run for a while uses old ones again; a fresh one makes a new one every 16 MiB, and for
    /// 20 to 70 ms nobody's commit comes back.
    /// </summary>
    private async Task MakeLog()
    {
        await Execute("do $$ begin for file in 1..48 loop perform pg_logical_emit_message(false, '', ''); perform pg_switch_wal(); end loop; end $$");
        await Execute("checkpoint");
    }

    private async Task<string> CreateDatabaseBy(string options)
    {
        var name = "t" + Guid.CreateVersion7().ToString("N");
        await Execute($"create database {name} {options} strategy file_copy");
        return ConnectionString(name);
    }

    private async Task Execute(string text)
    {
        await using var connection = new NpgsqlConnection(ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <returns>False: it ended before it answered. What it said is in <see cref="_words"/>.</returns>
    private async Task<bool> TryStart(CancellationToken ct)
    {
        // Races provoke deadlocks, a thousand in a test: each would wait for the second after which one is usually looked for.
        string[] settings =
        [
            "-D", Path.Combine(_directory, "data"), "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", _directory,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB",
            .. _durable ? (string[])["-c", "min_wal_size=1GB"] : ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "deadlock_timeout=20ms"],
        ];
        _words.Clear();
        var process = _process = Process.Start(AsPostgres(Binary("postgres"), settings))!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, said) =>
        {
            if (_words.Length < MostWords) _words.AppendLine(said.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false;Timeout=2");
                await connection.OpenAsync(ct);
                return true;
            }
            catch (NpgsqlException) when (!process.HasExited)
            {
                await Task.Delay(50, ct);
            }
            catch (NpgsqlException)
            {
                // Until all that it said has been read.
                await process.WaitForExitAsync(ct);
                return false;
            }
        }
    }

    private static string Binary(string name) =>
        Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin", name)).Where(File.Exists).Order(StringComparer.Ordinal).LastOrDefault()
        ?? throw new InvalidOperationException("PostgreSQL is not installed. ./test installs it.");

    // setpriv, not su: it replaces itself by the server, so that the process we hold is the postmaster.
    private static ProcessStartInfo AsPostgres(string program, params string[] arguments)
    {
        var root = Environment.UserName == "root";
        var start = new ProcessStartInfo(root ? "setpriv" : program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        string[] all = root ? ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments] : arguments;
        foreach (var argument in all) start.ArgumentList.Add(argument);
        return start;
    }

    private static async Task Run(string program, params string[] arguments)
    {
        var start = program.Contains("/postgresql/", StringComparison.Ordinal) ? AsPostgres(program, arguments) : new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await error}");
    }
}
