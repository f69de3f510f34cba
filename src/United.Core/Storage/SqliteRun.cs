namespace United.Core.Storage;

/// <summary>One run of a statement, until it is disposed.</summary>
internal readonly struct SqliteRun(SqliteStatement statement) : IDisposable
{
    /// <summary>What <see cref="Step"/> came to.</summary>
    public SqliteRow Row => statement.Row;

    /// <summary>Rows changed, once there is no further row.</summary>
    public int Changed => statement.Changed;

    /// <returns>Whether there is another row.</returns>
    public bool Step() => statement.Step();

    public void Dispose() => statement.End();
}
