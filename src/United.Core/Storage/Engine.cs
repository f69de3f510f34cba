namespace United.Core.Storage;

public enum Engine
{
    Sqlite,
    Postgres,
}
