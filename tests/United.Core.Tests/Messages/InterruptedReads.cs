using United.Core.Storage;

namespace United.Core.Tests.Messages;

/// <summary>A database in whose reads something happens once, right before one of their statements.</summary>
/// <param name="statement">Which one, counted from 1.</param>
internal sealed class InterruptedReads(Database database, int statement, Func<Task> happens) : Database
{
    private int _asked;

    public override Engine Engine => database.Engine;

    /// <summary>There were as many statements.</summary>
    public bool Happened => _asked >= statement;

    public override Task<T> Read<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) => database.Read(sql => work(new Interrupted(this, sql)), ct);

    public override Task<T> Snapshot<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) => database.Snapshot(sql => work(new Interrupted(this, sql)), ct);

    public override Task<T> Write<T>(Func<Sql, Task<T>> work, CancellationToken ct = default) => database.Write(work, ct);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task Next() => ++_asked == statement ? happens() : Task.CompletedTask;

    private sealed class Interrupted(InterruptedReads reads, Sql sql) : Sql(sql.Engine)
    {
        public override async Task<int> Execute(string text, params (string Name, object? Value)[] values)
        {
            await reads.Next();
            return await sql.Execute(text, values);
        }

        public override async Task<List<T>> All<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
        {
            await reads.Next();
            return await sql.All(text, map, values);
        }

        public override async Task<T?> One<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
            where T : default
        {
            await reads.Next();
            return await sql.One(text, map, values);
        }

        public override async Task Each(string text, Func<SqlRow, ValueTask> use, params (string Name, object? Value)[] values)
        {
            await reads.Next();
            await sql.Each(text, use, values);
        }
    }
}
