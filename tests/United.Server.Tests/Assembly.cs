using United.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedPostgres))]
