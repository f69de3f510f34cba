using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace United.Testing;

/// <summary>The program itself, as an operator runs it: another process, with its own arguments, environment and working directory.</summary>
public sealed class UnitedProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(string Text, TaskCompletionSource Said)> _awaited = [];
    private readonly Task _reading;

    private UnitedProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(Read(process.StandardOutput, _output, Announced), Read(process.StandardError, _errors, _ => { }));
    }

    public int Id => _process.Id;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public string Errors
    {
        get { lock (_errors) return _errors.ToString(); }
    }

    /// <summary>The one beside the tests; a published one elsewhere.</summary>
    public static string Usual => Path.Combine(AppContext.BaseDirectory, "united");

    public static UnitedProcess Start(string workingDirectory, string[] arguments, string? executable = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(executable ?? Usual, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new UnitedProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> Run(
        string workingDirectory, string[] arguments, string input = "", params (string Name, string Value)[] environment)
    {
        await using var program = Start(workingDirectory, arguments, null, environment);
        await program._process.StandardInput.WriteAsync(input);
        program._process.StandardInput.Close();
        return (await program.Ended(), program.Output, program.Errors);
    }

    /// <summary>Where it serves, as it says once it does.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public async Task<Uri> Ready()
    {
        await Task.WhenAny(_ready.Task, Ended());
        return await _ready.Task;
    }

    /// <summary>Completes when a line of its output holds the text.</summary>
    public Task Says(string text)
    {
        lock (_output)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal)) return Task.CompletedTask;
            var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((text, said));
            return said.Task;
        }
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> Ended()
    {
        await _process.WaitForExitAsync();
        await _reading;
        _ready.TrySetException(new InvalidOperationException($"It ended: {Output} {Errors}"));
        return _process.ExitCode;
    }

    /// <summary>As a supervisor stops it: SIGTERM.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await Ended();
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await Ended();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Kill();
        _process.Dispose();
    }

    private static async Task Read(StreamReader from, StringBuilder into, Action<string> each)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (into) into.AppendLine(line);
            each(line);
        }
    }

    private void Announced(string line)
    {
        lock (_output)
            foreach (var (text, said) in _awaited)
                if (line.Contains(text, StringComparison.Ordinal)) said.TrySetResult();
        if (line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } address) _ready.TrySetResult(new Uri(new Uri(address), "/"));
    }
}
