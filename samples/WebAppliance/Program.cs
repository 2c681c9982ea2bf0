using System.Runtime.InteropServices;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddHealthChecks();
var app = builder.Build();

app.MapGet("/", () => "Hello from an appliance.\n");
app.MapGet("/api/time", () => Results.Text($$"""{"utc":"{{DateTime.UtcNow:O}}"}""", "application/json"));
app.MapGet("/api/host", () => Results.Text($$"""
    {"user":"{{Environment.UserName}}","uid":"{{UserId()}}","host":"{{Environment.MachineName}}","system":"{{RuntimeInformation.OSDescription}}"}
    """, "application/json"));
app.MapHealthChecks("/health");

// Ends the program at once, to show that the appliance starts it again.
app.MapGet("/crash", () =>
{
    Environment.Exit(3);
    return Results.Empty;
});

app.Run();

static string UserId() => File.Exists("/proc/self/status")
    ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]
    : "";
