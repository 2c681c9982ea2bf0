var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddHealthChecks();
var app = builder.Build();

app.MapGet("/", () => "Hello from a Debian.\n");
app.MapHealthChecks("/health");

app.Run();
